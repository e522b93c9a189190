/** Networks for teachers and students, by name. */
import { z } from 'zod';
import type { Tensor } from '../engine';
import {
  ConvNet,
  EfficientNet,
  type InitialWeights,
  MobileNetV2,
  type Module,
  type NormKind,
  ResNet,
  ResNetAP,
  type ResNetOptions,
  SwinTransformer,
  VisionTransformer,
} from '../models';

/** A network from normalised images [N,H,W,3] to logits [N,classes]. */
export type Classifier = Module & { forward(images: Tensor): Tensor };

type ConvName = `conv${3 | 4 | 5 | 6}`;
type ResNetName = `resnet${10 | 18 | 50 | 101}`;
type MobileName = 'mobilenet_v2' | 'efficientnet_b0';
type TransformerName = 'swin_t' | 'swin_micro' | 'vit_b_16' | 'vit_micro_8';
type BaseName = ConvName | ResNetName | 'resnetap10' | MobileName | TransformerName;
type Width = '' | `-w${number}`;

/**
 * A base and its suffixes, in this order:
 * - `conv3` … `conv6`, `resnet10`, `resnet18`, `resnet50`, `resnet101`, `resnetap10`, and torchvision's `mobilenet_v2`,
 *   `efficientnet_b0`, `swin_t`, `vit_b_16`; `swin_micro` and `vit_micro_8` are small, for 64 pixels;
 * - `-modified` (ResNet alone): a 3×3 stem without a pool, for 32 to 64 pixels;
 * - `-in` (ConvNet, ResNet, ResNetAP): instance instead of batch normalisation. Without `-modified` such a ResNet has
 * IDC's
 *   stem: 3×3 up to 64 pixels, 3×3 and a max pool up to 128, ImageNet's above;
 * - `-w16` (not transformers): channels of the first stage, of MobileNet and EfficientNet those of the stem. Default 64, of a
 *   ConvNet 128, of MobileNet and EfficientNet 32.
 * @example 'resnet10-modified-w16'
 */
export type NetworkName =
  | `${ConvName | ResNetName | `${ResNetName}-modified` | 'resnetap10'}${'' | '-in'}${Width}`
  | `${MobileName}${Width}`
  | TransformerName;

export interface NetworkParts {
  /** Without suffixes: 'resnet18'. */
  base: string;
  modified: boolean;
  /** 'layer' for transformers, which have no other. */
  norm: NormKind | 'layer';
  /** Channels of the first stage, or of the stem. */
  width: number;
}

type Suffix = 'modified' | 'in' | 'w';

/** A base network: its form without suffixes, the suffixes it allows, and how it is built. */
interface Base {
  width: number;
  suffixes: readonly Suffix[];
  build(parts: NetworkParts & { norm: NormKind }, shape: Shape, initial: InitialWeights): Classifier;
}

interface Shape {
  classes: number;
  /** Side of the images, pixels. */
  size: number;
}

const conv = (depth: number): Base => ({
  width: 128,
  suffixes: ['in', 'w'],
  build: ({ width, norm }, shape, initial) => new ConvNet({ ...shape, depth, width, norm }, initial),
});

const resnet = (block: 'basic' | 'bottleneck', blocks: NonNullable<ResNetOptions['blocks']>): Base => ({
  width: 64,
  suffixes: ['modified', 'in', 'w'],
  build({ modified, width, norm }, { classes, size }, initial) {
    const stem = modified ? 'cifar' : norm === 'instance' ? idcStem(size) : 'imagenet';
    return new ResNet({ classes, stem, block, blocks, width, norm }, initial);
  },
});

const idcStem = (size: number) => (size <= 64 ? 'cifar' : size <= 128 ? 'pooled' : 'imagenet');

const bases: Readonly<Record<BaseName, Base>> = {
  conv3: conv(3),
  conv4: conv(4),
  conv5: conv(5),
  conv6: conv(6),
  resnet10: resnet('basic', [1, 1, 1, 1]),
  resnet18: resnet('basic', [2, 2, 2, 2]),
  resnet50: resnet('bottleneck', [3, 4, 6, 3]),
  resnet101: resnet('bottleneck', [3, 4, 23, 3]),
  resnetap10: {
    width: 64,
    suffixes: ['in', 'w'],
    build: ({ width, norm }, shape, initial) => new ResNetAP({ ...shape, width, norm, blocks: [1, 1, 1, 1] }, initial),
  },
  mobilenet_v2: {
    width: 32,
    suffixes: ['w'],
    build: ({ width }, { classes }, initial) => new MobileNetV2({ classes, width }, initial),
  },
  efficientnet_b0: {
    width: 32,
    suffixes: ['w'],
    build: ({ width }, { classes }, initial) => new EfficientNet({ classes, width }, initial),
  },
  swin_t: {
    width: 96,
    suffixes: [],
    build: (_, { classes }, initial) => new SwinTransformer({ classes }, initial),
  },
  // At 64 pixels 1.2 million parameters, and windows that divide the 16, 8 and 4 patches of a side.
  swin_micro: {
    width: 48,
    suffixes: [],
    build: ({ width }, { classes }, initial) =>
      new SwinTransformer({ classes, width, depths: [2, 2, 2], heads: [3, 6, 12], window: 4 }, initial),
  },
  vit_b_16: {
    width: 768,
    suffixes: [],
    build: (_, shape, initial) => new VisionTransformer(shape, initial),
  },
  // At 64 pixels 0.7 million parameters and 64 patches.
  vit_micro_8: {
    width: 96,
    suffixes: [],
    build: ({ width }, shape, initial) =>
      new VisionTransformer({ ...shape, width, patch: 8, depth: 6, heads: 3 }, initial),
  },
};

const grammar = /^(.+?)(-modified)?(-in)?(?:-w([1-9]\d*))?$/;

/** Parses a name. @throws listing the known names. */
export function parseNetwork(name: string): NetworkParts {
  const [, base = '', modified, instance, width] = grammar.exec(name) ?? [];
  const known = baseOf(base);
  const given = [modified && 'modified', instance && 'in', width && 'w'].filter(Boolean) as Suffix[];
  if (!known || given.some((suffix) => !known.suffixes.includes(suffix))) throw new Error(unknown(name));
  const norm = instance ? 'instance' : isTransformer(base) ? 'layer' : 'batch';
  return { base, modified: modified !== undefined, norm, width: width ? Number(width) : known.width };
}

const baseOf = (base: string): Base | undefined => (Object.hasOwn(bases, base) ? bases[base as BaseName] : undefined);

const isTransformer = (base: string): boolean => /^(swin|vit)_/.test(base);

function unknown(name: string): string {
  const names = Object.keys(bases);
  const withSuffix = (suffix: Suffix) => names.filter((base) => baseOf(base)!.suffixes.includes(suffix)).join(', ');
  return `Expected a network among ${names.join(', ')}, with the suffixes -modified (${withSuffix('modified')}), -in for instance norm (${withSuffix('in')}) and -w16 for the width (not swin and vit) in this order, got '${name}'.`;
}

/** Whether a base network exists with that normalisation. */
export const hasNorm = (base: string, norm: NormKind): boolean =>
  norm === 'instance' ? (baseOf(base)?.suffixes.includes('in') ?? false) : !isTransformer(base);

/** The name for these parts: the inverse of parseNetwork. */
export function networkName({ base, modified, norm, width }: NetworkParts): NetworkName {
  const suffixes = [
    modified ? '-modified' : '',
    norm === 'instance' ? '-in' : '',
    width === baseOf(base)?.width ? '' : `-w${width}`,
  ];
  return `${base}${suffixes.join('')}` as NetworkName;
}

/** Schema of a network's name in a stage's parameters. */
export const networkSchema = z.custom<NetworkName>((name) => nameError(name) === undefined, {
  error: ({ input }) => nameError(input),
});

function nameError(name: unknown): string | undefined {
  try {
    parseNetwork(String(name));
  } catch (error) {
    return (error as Error).message;
  }
}

export interface NetworkOptions extends InitialWeights, Shape {}

/** Builds a network by name. @throws listing the known names. */
export function buildNetwork(name: NetworkName, { classes, size, ...initial }: NetworkOptions): Classifier {
  const parts = parseNetwork(name);
  const norm = parts.norm === 'instance' ? 'instance' : 'batch';
  return baseOf(parts.base)!.build({ ...parts, norm }, { classes, size }, initial);
}
