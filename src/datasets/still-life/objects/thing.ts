import type { Brush } from '../brush';

/** One variant of a class: its own silhouette, drawn in the box −50 … 50. */
export interface Mode {
  readonly name: string;
  /** Share of the class's images; the shares of a class add up to 1. */
  readonly share: number;
  /** Largest turn to either side in degrees. */
  readonly tilt: number;
  /** SVG of one individual: colours, proportions and decoration are drawn from the brush's stream. */
  draw(brush: Brush): string;
}

export interface Thing {
  /** A plain noun, fit for a prompt. */
  readonly name: string;
  readonly modes: readonly Mode[];
}
