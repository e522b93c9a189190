/** Patterns of wallpapers, walls, tables and cloths, as functions of the place. */

import type { RandomStream } from '../../engine/random';

/** Where between two colours (0 … 1) a surface is at a point; the scene is 100 × 100. */
export type Pattern = (x: number, y: number) => number;

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

/** Makes a pattern with sizes of its own. */
export type PatternMaker = (random: RandomStream, noise: ValueNoise) => Pattern;

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

export function plaster(random: RandomStream, noise: ValueNoise): Pattern {
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

export function planks(random: RandomStream, noise: ValueNoise): Pattern {
  const [width, rings] = [random.uniform(14, 30), random.uniform(0.5, 0.9)];
  return (x, y) => {
    const plank = Math.floor(y / width);
    if (fraction(y / width) < 0.06) return 1;
    const grain = noise.at(x * 0.045 + plank * 5.3, y * rings + plank * 2.1);
    return 0.12 * (plank & 1) + 0.5 * grain + 0.28 * noise.at(x * 0.1 + plank, y * 1.9);
  };
}

export function marble(random: RandomStream, noise: ValueNoise): Pattern {
  const [fx, fy] = [random.uniform(0.05, 0.12), random.uniform(0.05, 0.12)];
  return (x, y) => Math.abs(Math.sin(x * fx + y * fy + 5 * noise.cloud(x * 0.05, y * 0.05))) ** 0.6 * 0.9;
}

export const wallPatterns: readonly PatternMaker[] = [
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
export const clothPatterns: readonly PatternMaker[] = [gingham, linen, stripes, dots, zigzag, diamonds];
