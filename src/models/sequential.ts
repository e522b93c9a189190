/** Layers in a row, as torch.nn.Sequential holds them. */
import { type Tensor, tf } from '../engine';
import { Module } from './module';

/** A module of one tensor. */
export type Layer = Module & { forward(x: Tensor): Tensor };

/** One layer after another. A layer's name is its place: '0.weight'; `nameOf` gives others, as torch's OrderedDict does. */
export class Sequential extends Module {
  constructor(
    private readonly layers: readonly Layer[],
    private readonly nameOf: (place: number) => string = String,
  ) {
    super();
  }

  override children(): [string, Module][] {
    return this.layers.map((layer, place) => [this.nameOf(place), layer]);
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => this.layers.reduce((h, layer) => layer.forward(h), x));
  }
}

/** Keeps a place in a Sequential: for layers without weights that we leave out (dropout) or do otherwise. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}

/** A function as a layer: an activation, a permutation. */
export class Apply extends Module {
  constructor(private readonly apply: (x: Tensor) => Tensor) {
    super();
  }

  forward(x: Tensor): Tensor {
    return this.apply(x);
  }
}
