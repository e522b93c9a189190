import type { RandomStream } from '../../engine/random';
import type { Colour } from './colour';
import type { Surface } from './surfaces';

/** The room behind the things, seen from the front (wall over table) or from above (table alone). */
export interface Backdrop {
  readonly table: Surface;
  /** `undefined` seen from above. */
  readonly wall: Surface | undefined;
  /** Height of the table's far edge in 0 … 100. */
  readonly horizon: number;
  /** Turn of the pattern seen from above, in radians. */
  readonly turn: number;
}

/** Brightness over the scene. */
export interface Illumination {
  /** Multiplies red, green, blue. */
  readonly tint: Colour;
  /** Brightness at the centre. */
  readonly level: number;
  /** Change of brightness from the centre to the right and the bottom edge. */
  readonly slopeX: number;
  readonly slopeY: number;
  /** Darkening towards the corners. */
  readonly vignette: number;
  /** Standard deviation of the grain, in 0 … 255. */
  readonly grain: number;
}

/** A warm, cool or neutral light from the left (`light` 1) or right (−1). */
export function illumination(random: RandomStream, light: 1 | -1): Illumination {
  const warmth = random.uniform(-0.09, 0.12);
  return {
    tint: [1 + warmth, 1 + warmth * 0.2, 1 - warmth],
    level: random.uniform(0.84, 1.14),
    slopeX: -light * random.uniform(0.02, 0.24),
    slopeY: random.uniform(-0.12, 0.14),
    vignette: random.uniform(0.05, 0.3),
    grain: random.uniform(1, 5),
  };
}

/** Paints a backdrop: RGB floats, size · size · 3, four samples per pixel. */
export function paintBackdrop(backdrop: Backdrop, size: number): Float32Array {
  const { wall, table, horizon, turn } = backdrop;
  const pixels = new Float32Array(size * size * 3);
  const unit = 100 / size;
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      let [r, g, b] = [0, 0, 0];
      for (let sample = 0; sample < 4; sample++) {
        const x = (column + 0.25 + 0.5 * (sample & 1)) * unit;
        const y = (row + 0.25 + 0.25 * (sample & 2)) * unit;
        const surface = wall && y < horizon ? wall : table;
        let t: number;
        let shade = 1;
        if (surface === wall) {
          t = wall.pattern(x, y);
          if (horizon - y < 5) shade = 0.86 + 0.028 * (horizon - y);
        } else if (wall) {
          const depth = (y - horizon) / 100; // 0 at the far edge
          const far = 1 / (0.75 + 0.7 * depth);
          t = table.pattern(50 + (x - 50) * far, 90 * depth * (1.5 - 0.4 * depth));
          if (depth < 0.012) shade = 1.14;
        } else t = table.pattern(50 + (x - 50) * cosine - (y - 50) * sine, 50 + (x - 50) * sine + (y - 50) * cosine);
        const { from, to } = surface;
        r += (from[0] + (to[0] - from[0]) * t) * shade;
        g += (from[1] + (to[1] - from[1]) * t) * shade;
        b += (from[2] + (to[2] - from[2]) * t) * shade;
      }
      const k = (row * size + column) * 3;
      pixels[k] = r / 4;
      pixels[k + 1] = g / 4;
      pixels[k + 2] = b / 4;
    }
  return pixels;
}
