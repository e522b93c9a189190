/** Differentiable siamese augmentation (Zhao & Bilen, ICML 2021): the same augmentation of real and learned images. */
import { z } from 'zod';
import type { Box } from '../../datasets';
import { type RandomStream, type Tensor, tf } from '../../engine';
import { type Affine, warp } from './warp';

export const augmentations = ['color', 'crop', 'cutout', 'flip', 'scale', 'rotate'] as const;
export type AugmentationName = (typeof augmentations)[number];

/** Which augmentations a method draws from; [] for none. Default all six. */
export const augmentationSchema = z.array(z.enum(augmentations)).readonly().default(augmentations);

/** Strength of each, in the released code of DSA and of IDC. */
const RANGES = {
  brightness: 1,
  saturation: 2,
  contrast: 0.5,
  crop: 0.125,
  cutout: 0.5,
  scale: 1.2,
  rotate: 15,
} as const;

/** One augmentation of a batch, with one value for all its images or one per image. */
export type Change =
  | { kind: 'color'; brightness: number[]; saturation: number[]; contrast: number[] }
  | { kind: 'warp'; maps: Affine[] }
  | { kind: 'cutout'; boxes: Box[] };

export interface DrawOptions {
  from: readonly AugmentationName[];
  /** 'one' of the augmentations for the batch (DSA, DM), or flip, colour and cutout always and one of the others (IDC). */
  mode: 'one' | 'several';
  /** Side of the images, pixels. */
  size: number;
  /** Number of images that each get values of their own. Default: one value for all. */
  count?: number;
}

/** Draws the augmentations of a batch, the same for all its images unless a count is given. */
export function drawChanges(random: RandomStream, { from, mode, size, count = 1 }: DrawOptions): Change[] {
  const draw = (name: AugmentationName): Change => changeOf(name, random, { size, count });
  if (from.length === 0) return [];
  if (mode === 'one') return [draw(random.choice(from))];
  const others = from.filter((name) => !['flip', 'color', 'cutout'].includes(name));
  const before = (['flip', 'color'] as const).filter((name) => from.includes(name));
  const one = others.length === 0 ? [] : [random.choice(others)];
  const after = from.includes('cutout') ? (['cutout'] as const) : [];
  return [...before, ...one, ...after].map(draw);
}

function changeOf(
  name: AugmentationName,
  random: RandomStream,
  { size, count }: { size: number; count: number },
): Change {
  const each = <Value>(value: () => Value): Value[] => Array.from({ length: count }, value);
  const upTo = (most: number): number => random.integer(2 * most + 1) - most;
  switch (name) {
    case 'color':
      return {
        kind: 'color',
        brightness: each(() => (random.uniform() - 0.5) * RANGES.brightness),
        saturation: each(() => random.uniform() * RANGES.saturation),
        contrast: each(() => random.uniform() + RANGES.contrast),
      };
    case 'crop': {
      const most = Math.floor(size * RANGES.crop + 0.5);
      const shift = (): number => (2 * upTo(most)) / size;
      return {
        kind: 'warp',
        maps: each(() => [
          [1, 0, shift()],
          [0, 1, shift()],
        ]),
      };
    }
    case 'scale': {
      const factor = (): number => random.uniform(1 / RANGES.scale, RANGES.scale);
      return {
        kind: 'warp',
        maps: each(() => [
          [factor(), 0, 0],
          [0, factor(), 0],
        ]),
      };
    }
    case 'rotate': {
      const turned = (): Affine => {
        const angle = (random.uniform(-RANGES.rotate, RANGES.rotate) * Math.PI) / 180;
        return [
          [Math.cos(angle), -Math.sin(angle), 0],
          [Math.sin(angle), Math.cos(angle), 0],
        ];
      };
      return { kind: 'warp', maps: each(turned) };
    }
    case 'flip':
      return {
        kind: 'warp',
        maps: each(() => [
          [random.uniform() < 0.5 ? -1 : 1, 0, 0],
          [0, 1, 0],
        ]),
      };
    case 'cutout':
      return { kind: 'cutout', boxes: each(() => cutoutBox(random, size)) };
  }
}

/** A square of half the side around a random pixel, clipped. */
function cutoutBox(random: RandomStream, size: number): Box {
  const side = Math.floor(size * RANGES.cutout + 0.5);
  const span = (): [start: number, length: number] => {
    const start = random.integer(size + 1 - (side % 2)) - Math.floor(side / 2);
    const [first, last] = [Math.max(0, start), Math.min(size - 1, start + side - 1)];
    return [first, last - first + 1];
  };
  const [[top, height], [left, width]] = [span(), span()];
  return { top, left, height, width };
}

/** The changed batch [N,S,S,3], differentiable with respect to the images. */
export function applyChanges(images: Tensor, changes: readonly Change[]): Tensor {
  return tf.tidy(() => changes.reduce(applyChange, tf.clone(images)));
}

function applyChange(images: Tensor, change: Change): Tensor {
  if (change.kind === 'warp') return warp(images, change.maps);
  if (change.kind === 'cutout') return tf.mul(images, cutoutMask(change.boxes, images.shape[1]!));
  const each = (values: number[]): Tensor => tf.tensor4d(values, [values.length, 1, 1, 1]);
  const bright = tf.add(images, each(change.brightness));
  const grey = tf.mean(bright, 3, true);
  const saturated = tf.add(tf.mul(tf.sub(bright, grey), each(change.saturation)), grey);
  const level = tf.mean(saturated, [1, 2, 3], true);
  return tf.add(tf.mul(tf.sub(saturated, level), each(change.contrast)), level);
}

/** [N or 1, S, S, 1]: 0 in the box, 1 around it. */
export function cutoutMask(boxes: readonly Box[], size: number): Tensor {
  const mask = new Float32Array(boxes.length * size * size).fill(1);
  for (const [k, { top, left, height, width }] of boxes.entries()) {
    for (let row = top; row < top + height; row++) {
      const start = (k * size + row) * size + left;
      mask.fill(0, start, start + width);
    }
  }
  return tf.tensor4d(mask, [boxes.length, size, size, 1]);
}
