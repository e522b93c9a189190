/** A density in the plane whose modes are known: what stands for a class of images in Figure 1 of paper 000. */
import { RandomStream } from '../../../engine';

/** A point of the plane: what stands for a latent. */
export type Point = readonly [x: number, y: number];

export interface Mode {
  centre: Point;
  /** Share of the points, 0 … 1. */
  weight: number;
}

/** Deviation of each mode, in both directions. */
const DEVIATION = 0.12;

/**
 * Seven modes in a fan, the common ones in the middle. The losses see directions alone (cosines), so each mode has one of
 * its own; mean squared coordinates are near 1, as those of scaled latents.
 */
export const modes: readonly Mode[] = [
  { angle: 18, radius: 1.55, weight: 0.04 },
  { angle: 42, radius: 1.2, weight: 0.08 },
  { angle: 66, radius: 1.6, weight: 0.18 },
  { angle: 90, radius: 1.25, weight: 0.4 },
  { angle: 114, radius: 1.6, weight: 0.18 },
  { angle: 138, radius: 1.2, weight: 0.08 },
  { angle: 162, radius: 1.55, weight: 0.04 },
].map(({ angle, radius, weight }) => {
  const radians = (angle * Math.PI) / 180;
  return { centre: [radius * Math.cos(radians), radius * Math.sin(radians)], weight };
});

/** `count` independent points. */
export function drawPoints(count: number, { seed }: { seed: number }): Point[] {
  return Array.from({ length: count }, (_, i) => {
    const stream = new RandomStream(seed, 'density', i);
    const { centre } = modeAt(stream.uniform());
    const [dx, dy] = stream.fillNormal(new Float32Array(2));
    return [centre[0] + DEVIATION * dx!, centre[1] + DEVIATION * dy!];
  });
}

/** The mode that a point belongs to: the nearest, within three deviations (99 % of its points). undefined: none. */
export function modeOf([x, y]: Point): number | undefined {
  const distances = modes.map(({ centre }) => Math.hypot(x - centre[0], y - centre[1]));
  const least = Math.min(...distances);
  return least <= 3 * DEVIATION ? distances.indexOf(least) : undefined;
}

/** The mode at a share of 0 … 1 of all points, in the order of the modes. */
function modeAt(share: number): Mode {
  let below = 0;
  for (const mode of modes) {
    below += mode.weight;
    if (share < below) return mode;
  }
  return modes.at(-1)!;
}
