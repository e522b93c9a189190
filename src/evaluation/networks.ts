/** The networks that protocols name. */
import type { Tensor } from '../engine';
import { ConvNet, type Module, ResNet } from '../models';

/** A network from normalised images [N,H,W,3] to logits [N,classes]. */
export type Classifier = Module & { forward(images: Tensor): Tensor };

/** 'conv3' … 'conv6' with batch norm, 'conv3-in' … with instance norm, ResNet-18 with the stem for its image size. */
export type NetworkName =
  | 'conv3'
  | 'conv4'
  | 'conv5'
  | 'conv6'
  | 'conv3-in'
  | 'conv4-in'
  | 'conv5-in'
  | 'conv6-in'
  | 'resnet18'
  | 'resnet18-modified';

export interface NetworkOptions {
  classes: number;
  /** Side of the images, pixels. */
  size: number;
  /** Fills the weights as PyTorch would; without it they wait to be loaded. */
  seed?: number;
}

/** Builds a network by name. @throws naming what there is. */
export function buildNetwork(name: NetworkName, options: NetworkOptions): Classifier {
  const { classes, size, seed } = options;
  const start = seed === undefined ? {} : { seed };
  const [, depth, instance] = /^conv([3-6])(-in)?$/.exec(name) ?? [];
  if (depth) return new ConvNet({ classes, size, depth: Number(depth), norm: instance ? 'instance' : 'batch' }, start);
  if (name === 'resnet18') return new ResNet({ classes, stem: 'imagenet' }, start);
  if (name === 'resnet18-modified') return new ResNet({ classes, stem: 'cifar' }, start);
  throw new Error(`Expected a network among conv3 … conv6 (-in), resnet18, resnet18-modified, got '${name}'.`);
}
