/** Adam and AdamW, equal to PyTorch's to rounding. */
import type { NamedVariables } from '../gradients';
import { attribute, DataType, executeRaw, executeRawMany, F32 } from '../raw';
import { tf } from '../tensorflow';
import { expectAtLeast, Optimiser, type Target } from './optimiser';

export interface AdamOptions {
  /** Step size, >= 0, unless `apply` is given one. */
  learningRate: number;
  /** Decay rate of the mean gradient, 0 … 1. @default 0.9 */
  beta1?: number;
  /** Decay rate of the mean squared gradient, 0 … 1. @default 0.999 */
  beta2?: number;
  /** Added to the root of the corrected second moment, > 0. @default 1e-8 */
  epsilon?: number;
}

export interface AdamWOptions extends AdamOptions {
  /** Share of the weight subtracted per unit of learning rate, >= 0. @default 0.01 */
  weightDecay?: number;
  /** Which variables decay. @default all */
  decay?: (name: string) => boolean;
}

const LOCKING = attribute.bool('use_locking', false);

/** AdamW (Loshchilov & Hutter 2019): Adam with decay of the weights themselves. */
export class AdamW extends Optimiser {
  private readonly options: Required<AdamWOptions>;

  constructor(variables: NamedVariables, options: AdamWOptions) {
    const {
      learningRate,
      beta1 = 0.9,
      beta2 = 0.999,
      epsilon = 1e-8,
      weightDecay = 0.01,
      decay = () => true,
    } = options;
    for (const [name, value] of Object.entries({ beta1, beta2 })) {
      if (!(value >= 0 && value < 1)) throw new Error(`Expected \`${name}\` to be in [0, 1), got ${value}.`);
    }
    expectAtLeast('epsilon', epsilon, 0);
    expectAtLeast('weightDecay', weightDecay, 0);
    super(variables, learningRate, ['first', 'second']);
    this.options = { learningRate, beta1, beta2, epsilon, weightDecay, decay };
  }

  protected prepare(learningRate: number): (target: Target) => void {
    const { beta1, beta2, epsilon, weightDecay, decay } = this.options;
    const correction = 1 - beta2 ** this.step;
    const shrink = tf.scalar(learningRate * weightDecay);
    const scalars = [
      beta1 ** this.step,
      beta2 ** this.step,
      learningRate,
      beta1,
      beta2,
      // TensorFlow adds epsilon before the correction of the second moment, PyTorch after it.
      epsilon * Math.sqrt(correction),
    ].map((value) => tf.scalar(value));
    return ({ name, handle, slots, gradient }) => {
      if (weightDecay > 0 && decay(name)) {
        const values = executeRaw('ReadVariableOp', [attribute.type('dtype', DataType.float32)], [handle]);
        executeRawMany('ResourceApplyGradientDescent', [F32, LOCKING], [handle, shrink, values], 0);
        values.dispose();
      }
      const attributes = [F32, LOCKING, attribute.bool('use_nesterov', false)];
      const moments = [slots.first!.handle, slots.second!.handle];
      executeRawMany('ResourceApplyAdam', attributes, [handle, ...moments, ...scalars, gradient], 0);
    };
  }
}

/** Adam (Kingma & Ba 2015). */
export class Adam extends AdamW {
  constructor(variables: NamedVariables, options: AdamOptions) {
    super(variables, { ...options, weightDecay: 0 });
  }
}
