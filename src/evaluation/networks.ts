/** The networks that judge distilled sets, by name. */
import { z } from 'zod';
import type { Tensor } from '../engine';
import { ConvNet, type InitialWeights, type Module, ResNet, ResNetAP } from '../models';

/** A network from normalised images [N,H,W,3] to logits [N,classes]. */
export type Classifier = Module & { forward(images: Tensor): Tensor };

type BaseName = `conv${3 | 4 | 5 | 6}` | `resnet${10 | 18}` | `resnet${10 | 18}-modified` | 'resnetap10';

/**
 * A base and its suffixes, in this order:
 * - `conv3` … `conv6`, `resnet10`, `resnet18`, `resnetap10`;
 * - `-modified` (ResNet alone): a 3×3 stem without a pool, for 32 to 64 pixels;
 * - `-in`: instance in place of batch normalisation. Without `-modified` such a ResNet has IDC's stem: 3×3 up to 64 pixels,
 *   3×3 and a max pool up to 128, ImageNet's above;
 * - `-w16`: channels of the first stage. Default 64, of a ConvNet 128.
 * @example 'resnet10-modified-w16'
 */
export type NetworkName = `${BaseName}${'' | '-in'}${'' | `-w${number}`}`;

export interface NetworkParts {
  /** Without suffixes: 'resnet18'. */
  base: string;
  family: 'conv' | 'resnet' | 'resnetap';
  depth: number;
  modified: boolean;
  norm: 'batch' | 'instance';
  /** Channels of the first stage. */
  width: number;
}

const grammar = /^((conv|resnetap|resnet)([1-9]\d*))(-modified)?(-in)?(?:-w([1-9]\d*))?$/;
const depths: Record<NetworkParts['family'], readonly number[]> = {
  conv: [3, 4, 5, 6],
  resnet: [10, 18],
  resnetap: [10],
};
const widths: Record<NetworkParts['family'], number> = { conv: 128, resnet: 64, resnetap: 64 };
const blocks: Readonly<Record<number, readonly [number, number, number, number]>> = {
  10: [1, 1, 1, 1],
  18: [2, 2, 2, 2],
};

/** What a name says. @throws saying which names there are. */
export function parseNetwork(name: string): NetworkParts {
  const [, base, family, depth, modified, instance, width] = grammar.exec(name) ?? [];
  const known = family as NetworkParts['family'] | undefined;
  if (!base || !known || !depths[known].includes(Number(depth)) || (modified && known !== 'resnet')) {
    const bases = Object.entries(depths).flatMap(([kind, some]) => some.map((n) => `${kind}${n}`));
    throw new Error(
      `Expected a network among ${bases.join(', ')}, with the suffixes -modified (resnet), -in (instance norm) and -w16 (width) in this order, got '${name}'.`,
    );
  }
  return {
    base,
    family: known,
    depth: Number(depth),
    modified: modified !== undefined,
    norm: instance ? 'instance' : 'batch',
    width: width ? Number(width) : widths[known],
  };
}

/** The name of these parts: what parseNetwork undoes. */
export function networkName({ base, family, modified, norm, width }: NetworkParts): NetworkName {
  const suffixes = [
    modified ? '-modified' : '',
    norm === 'instance' ? '-in' : '',
    width === widths[family] ? '' : `-w${width}`,
  ];
  return `${base}${suffixes.join('')}` as NetworkName;
}

/** A network's name in a stage's parameters. */
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

export interface NetworkOptions extends InitialWeights {
  classes: number;
  /** Side of the images, pixels. */
  size: number;
}

/** Builds a network by name. @throws saying which names there are. */
export function buildNetwork(name: NetworkName, { classes, size, ...initial }: NetworkOptions): Classifier {
  const { family, depth, modified, norm, width } = parseNetwork(name);
  if (family === 'conv') return new ConvNet({ classes, size, depth, width, norm }, initial);
  const shape = { classes, width, norm, blocks: blocks[depth]! };
  if (family === 'resnetap') return new ResNetAP({ ...shape, size }, initial);
  const stem = modified ? 'cifar' : norm === 'instance' ? idcStem(size) : 'imagenet';
  return new ResNet({ ...shape, stem }, initial);
}

const idcStem = (size: number) => (size <= 64 ? 'cifar' : size <= 128 ? 'pooled' : 'imagenet');
