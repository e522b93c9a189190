/** Layers in sequence, like torch.nn.Sequential. */
import { type Tensor, tf } from '../engine';
import { Module } from './module';

/** A module from one tensor to one tensor. */
export type Layer = Module & { forward(x: Tensor): Tensor };

/** Layers in sequence, named by their index ('0.weight') or by `nameOf`, like torch's Sequential of an OrderedDict. */
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

/** Keeps an index in a Sequential for a layer without weights that we leave out (dropout) or implement elsewhere. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}
