import type { RandomStream } from '../../engine/random';
import { type Colour, darker, glaze, hsl, jitter, lighter, mix, wood } from './colour';

/** Where between two colours (0 … 1) a surface is at a point; the scene is 100 × 100. */
type Pattern = (x: number, y: number) => number;

/** A surface: wallpaper, plaster, table, cloth. The same for all classes. */
export interface Surface {
  readonly from: Colour;
  readonly to: Colour;
  readonly pattern: Pattern;
}

/** Smooth noise in 0 … 1 on a 32 × 32 lattice that repeats. */
export class ValueNoise {
  private readonly lattice = new Float32Array(1024);

  constructor(random: RandomStream) {
    random.fillUniform(this.lattice);
  }

  at(x: number, y: number): number {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [x - column, y - row];
    const [sx, sy] = [fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)];
    const [left, right] = [column & 31, (column + 1) & 31];
    const [top, bottom] = [(row & 31) << 5, ((row + 1) & 31) << 5];
    const { lattice } = this;
    const upper = lattice[top + left]! * (1 - sx) + lattice[top + right]! * sx;
    const lower = lattice[bottom + left]! * (1 - sx) + lattice[bottom + right]! * sx;
    return upper * (1 - sy) + lower * sy;
  }

  /** Three octaves. */
  cloud(x: number, y: number): number {
    return 0.57 * this.at(x, y) + 0.29 * this.at(2.1 * x + 7, 2.1 * y + 3) + 0.14 * this.at(4.3 * x + 1, 4.3 * y + 9);
  }
}

/** 1 on the first half of each period, 0 on the second, with a soft step. */
function square(t: number, duty = 0.5): number {
  const phase = t - Math.floor(t);
  const edge = 0.06;
  if (phase < duty) return Math.min(1, phase / edge, (duty - phase) / edge + 0.5);
  return 0;
}

const fraction = (t: number) => t - Math.floor(t);

type PatternMaker = (random: RandomStream, noise: ValueNoise) => Pattern;

function stripes(random: RandomStream): Pattern {
  const [period, duty] = [random.uniform(7, 20), random.uniform(0.25, 0.6)];
  return (x) => square(x / period, duty);
}

function dots(random: RandomStream): Pattern {
  const period = random.uniform(9, 17);
  const radius = random.uniform(0.16, 0.3);
  return (x, y) => {
    const row = Math.floor(y / period);
    const [dx, dy] = [fraction(x / period + (row & 1) / 2) - 0.5, fraction(y / period) - 0.5];
    return Math.min(1, Math.max(0, (radius - Math.hypot(dx, dy)) * 9));
  };
}

function diamonds(random: RandomStream): Pattern {
  const [a, b] = [random.uniform(0.3, 0.5), random.uniform(0.2, 0.42)];
  return (x, y) => Math.min(1, Math.max(0, 0.5 + 2.4 * Math.cos(x * a) * Math.cos(y * b)));
}

function zigzag(random: RandomStream): Pattern {
  const [period, width] = [random.uniform(9, 16), random.uniform(10, 22)];
  return (x, y) => square((y + Math.abs(fraction(x / width) - 0.5) * width * 0.8) / period, 0.45);
}

function sprigs(random: RandomStream): Pattern {
  const period = random.uniform(13, 19);
  const slope = random.uniform(0.5, 1.1);
  return (x, y) => {
    const row = Math.floor(y / period);
    const [dx, dy] = [fraction(x / period + (row & 1) / 2) - 0.5, fraction(y / period) - 0.5];
    const leaf = (cx: number, sign: number) => {
      const [px, py] = [dx - cx, dy];
      const [along, across] = [px * sign * slope + py, px * sign - py * slope];
      return 1 - (along * along) / 0.06 - (across * across) / 0.012;
    };
    return Math.min(1, Math.max(0, 4 * Math.max(leaf(-0.13, 1), leaf(0.13, -1))));
  };
}

function plaster(random: RandomStream, noise: ValueNoise): Pattern {
  const scale = random.uniform(0.06, 0.16);
  return (x, y) => noise.cloud(x * scale, y * scale);
}

function bricks(random: RandomStream, noise: ValueNoise): Pattern {
  const [width, height] = [random.uniform(18, 30), random.uniform(8, 13)];
  const joint = 0.1;
  return (x, y) => {
    const row = Math.floor(y / height);
    const [fx, fy] = [fraction(x / width + (row & 1) / 2), fraction(y / height)];
    if (fy < joint || fx < (joint * height) / width) return 1;
    const brick = Math.floor(x / width + (row & 1) / 2);
    return 0.45 * noise.at(brick * 3.7 + 0.5, row * 5.3 + 0.5) + 0.12 * noise.at(x * 0.9, y * 0.9);
  };
}

function tiles(random: RandomStream, noise: ValueNoise): Pattern {
  const side = random.uniform(15, 26);
  const checkered = random.uniform() < 0.5;
  return (x, y) => {
    const [column, row] = [Math.floor(x / side), Math.floor(y / side)];
    if (fraction(x / side) < 0.07 || fraction(y / side) < 0.07) return 0.5;
    if (checkered) return (column + row) & 1 ? 0.95 : 0.05;
    return noise.at(column * 2.3 + 0.5, row * 3.1 + 0.5) * 0.5;
  };
}

function gingham(random: RandomStream): Pattern {
  const period = random.uniform(9, 18);
  return (x, y) => (square(x / period) + square(y / period)) / 2;
}

function linen(random: RandomStream, noise: ValueNoise): Pattern {
  const period = random.uniform(2.6, 4.2);
  const fold = random.uniform(0.03, 0.06);
  return (x, y) =>
    0.2 +
    0.22 * (Math.sin((x * 6.283) / period) * Math.sin((y * 6.283) / period)) +
    0.6 * noise.cloud(x * fold + y * 0.02, y * 0.03);
}

function planks(random: RandomStream, noise: ValueNoise): Pattern {
  const [width, rings] = [random.uniform(14, 30), random.uniform(0.5, 0.9)];
  return (x, y) => {
    const plank = Math.floor(y / width);
    if (fraction(y / width) < 0.06) return 1;
    const grain = noise.at(x * 0.045 + plank * 5.3, y * rings + plank * 2.1);
    return 0.12 * (plank & 1) + 0.5 * grain + 0.28 * noise.at(x * 0.1 + plank, y * 1.9);
  };
}

function marble(random: RandomStream, noise: ValueNoise): Pattern {
  const [fx, fy] = [random.uniform(0.05, 0.12), random.uniform(0.05, 0.12)];
  return (x, y) => Math.abs(Math.sin(x * fx + y * fy + 5 * noise.cloud(x * 0.05, y * 0.05))) ** 0.6 * 0.9;
}

const wallPatterns: readonly PatternMaker[] = [
  stripes,
  dots,
  diamonds,
  zigzag,
  sprigs,
  plaster,
  plaster,
  bricks,
  tiles,
];
const clothPatterns: readonly PatternMaker[] = [gingham, linen, stripes, dots, zigzag, diamonds];

/** A colour for rooms: from pale to deep, never as loud as a glaze. */
function roomColour(random: RandomStream): Colour {
  return hsl(random.uniform(0, 360), random.uniform(0.08, 0.42), random.uniform(0.28, 0.82));
}

function papered(random: RandomStream, pattern: Pattern): Surface {
  const from = roomColour(random);
  const second = random.uniform();
  const step = random.uniform(0.16, 0.45);
  const to =
    second < 0.4 ? lighter(from, step) : second < 0.75 ? darker(from, step) : mix(from, glaze(random), 0.35 + step);
  return { from, to, pattern };
}

/** A wall: paper, plaster, brick or tile. */
export function wallSurface(random: RandomStream): Surface {
  const noise = new ValueNoise(random);
  return papered(random, random.choice(wallPatterns)(random, noise));
}

/** What things stand or lie on: boards, stone, cloth. */
export function tableSurface(random: RandomStream): Surface {
  const noise = new ValueNoise(random);
  const kind = random.uniform();
  if (kind < 0.38) {
    const colour = wood(random);
    return { from: lighter(colour, 0.15), to: darker(colour, 0.5), pattern: planks(random, noise) };
  }
  if (kind < 0.52) {
    const stone = hsl(random.uniform(0, 360), random.uniform(0.02, 0.16), random.uniform(0.3, 0.85));
    const veins = random.uniform() < 0.5 ? darker(stone, 0.4) : lighter(stone, 0.5);
    return { from: veins, to: stone, pattern: marble(random, noise) };
  }
  if (kind < 0.62) return papered(random, plaster(random, noise));
  const cloth = random.choice(clothPatterns)(random, noise);
  const [from, to] = [
    jitter(glaze(random), random),
    random.uniform() < 0.6 ? ([236, 228, 212] as const) : roomColour(random),
  ];
  return random.uniform() < 0.5 ? { from, to, pattern: cloth } : { from: to, to: from, pattern: cloth };
}

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

/** Paints a backdrop: RGB floats, size · size · 3, four samples a pixel. */
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
