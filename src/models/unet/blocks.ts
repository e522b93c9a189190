/** The UNet's down, middle and up blocks, with and without attention to the text. */
import { type RandomStream, type Tensor, tf } from '../../engine';
import { Module } from '../module';
import { Transformer2DModel } from './attention';
import { Downsample2D, ResnetBlock2D, Upsample2D } from './resnet';

export interface BlockOptions {
  in: number;
  out: number;
  /** Residual blocks. */
  layers: number;
  /** Size of the time embedding. */
  time: number;
  groups: number;
  epsilon: number;
  /** Text attention after each residual block; absent in DownBlock2D and UpBlock2D. */
  transformer?: { heads: number; context: number; depth: number; linearProjection: boolean } | undefined;
}

function transformer(options: BlockOptions, channels: number, init?: RandomStream): Transformer2DModel {
  return new Transformer2DModel({ channels, groups: options.groups, ...options.transformer! }, init);
}

/** DownBlock2D, or CrossAttnDownBlock2D if it has a transformer. */
export class DownBlock extends Module {
  readonly resnets: ResnetBlock2D[];
  readonly attentions: Transformer2DModel[];
  readonly downsamplers: Downsample2D[];

  constructor(options: BlockOptions & { downsample: boolean; padding: number }, init?: RandomStream) {
    super();
    const { in: input, out, layers, time, groups, epsilon, downsample, padding } = options;
    this.resnets = [];
    this.attentions = [];
    for (let i = 0; i < layers; i++) {
      this.resnets.push(new ResnetBlock2D({ in: i === 0 ? input : out, out, time, groups, epsilon }, init));
      if (options.transformer) this.attentions.push(transformer(options, out, init));
    }
    this.downsamplers = downsample ? [new Downsample2D({ channels: out, padding }, init)] : [];
  }

  /** Outputs of every layer in order, for the skip connections; the last one is the next block's input. */
  forward(x: Tensor, time: Tensor, text: Tensor): Tensor[] {
    const outputs: Tensor[] = [];
    let h = x;
    for (const [i, resnet] of this.resnets.entries()) {
      h = tf.tidy(() => {
        const residual = resnet.forward(h, time);
        return this.attentions[i]?.forward(residual, text) ?? residual;
      });
      outputs.push(h);
    }
    for (const downsampler of this.downsamplers) {
      h = downsampler.forward(h);
      outputs.push(h);
    }
    return outputs;
  }
}

/** UNetMidBlock2DCrossAttn: residual block, attention, residual block. */
export class MidBlock extends Module {
  readonly attentions: Transformer2DModel[];
  readonly resnets: ResnetBlock2D[];

  constructor(options: BlockOptions & { outputScale: number }, init?: RandomStream) {
    super();
    const { in: input, out, time, groups, epsilon, outputScale } = options;
    this.attentions = [transformer(options, out, init)];
    this.resnets = [input, out].map(
      (channels) => new ResnetBlock2D({ in: channels, out, time, groups, epsilon, outputScale }, init),
    );
  }

  /** [N,H,W,C] → [N,H,W,C] */
  forward(x: Tensor, time: Tensor, text: Tensor): Tensor {
    return tf.tidy(() => {
      const h = this.attentions[0]!.forward(this.resnets[0]!.forward(x, time), text);
      return this.resnets[1]!.forward(h, time);
    });
  }
}

/** UpBlock2D, or CrossAttnUpBlock2D if it has a transformer. */
export class UpBlock extends Module {
  readonly resnets: ResnetBlock2D[];
  readonly attentions: Transformer2DModel[];
  readonly upsamplers: Upsample2D[];

  /** `previous`: channels of the block below; `in`: channels of the last skip connection. */
  constructor(options: BlockOptions & { previous: number; upsample: boolean }, init?: RandomStream) {
    super();
    const { in: input, out, previous, layers, time, groups, epsilon, upsample } = options;
    this.resnets = [];
    this.attentions = [];
    for (let i = 0; i < layers; i++) {
      const skip = i === layers - 1 ? input : out;
      const below = i === 0 ? previous : out;
      this.resnets.push(new ResnetBlock2D({ in: below + skip, out, time, groups, epsilon }, init));
      if (options.transformer) this.attentions.push(transformer(options, out, init));
    }
    this.upsamplers = upsample ? [new Upsample2D({ channels: out }, init)] : [];
  }

  /** Removes its skip connections from the end of `skips`. @param size [H,W] of the next block's input */
  forward(x: Tensor, skips: Tensor[], time: Tensor, text: Tensor, size?: readonly [number, number]): Tensor {
    return tf.tidy(() => {
      let h = x;
      for (const [i, resnet] of this.resnets.entries()) {
        const next = tf.tidy(() => {
          const residual = resnet.forward(tf.concat([h, skips.pop()!], -1), time);
          return this.attentions[i]?.forward(residual, text) ?? residual;
        });
        if (i > 0) h.dispose();
        h = next;
      }
      for (const upsampler of this.upsamplers) h = upsampler.forward(h, size);
      return h;
    });
  }
}
