/** Stochastic gradient descent, with PyTorch's conventions. */
import type { NamedVariables } from '../gradients';
import { add, mul } from '../ops/elementary';
import { attribute, DataType, executeRaw, executeRawMany, F32 } from '../raw';
import { type Tensor, tf } from '../tensorflow';
import { expectAtLeast, Optimiser, type Target } from './optimiser';

export interface SgdOptions {
  /** Step size, >= 0, unless `apply` is given one. */
  learningRate: number;
  /** Momentum μ: weight of the previous direction, 0 … 1. @default 0 */
  momentum?: number;
  /** Nesterov momentum, which needs momentum > 0. @default false */
  nesterov?: boolean;
  /** Added to the gradient as weightDecay · weight, >= 0. @default 0 */
  weightDecay?: number;
  /** Which variables decay. @default all */
  decay?: (name: string) => boolean;
}

const LOCKING = attribute.bool('use_locking', false);

/** g ← g + λw; v ← μv + g; w ← w − η v (Nesterov: w − η (g + μv)). */
export class Sgd extends Optimiser {
  private readonly options: Required<SgdOptions>;

  constructor(variables: NamedVariables, options: SgdOptions) {
    const { momentum = 0, nesterov = false, weightDecay = 0, decay = () => true, learningRate } = options;
    expectAtLeast('momentum', momentum, 0);
    expectAtLeast('weightDecay', weightDecay, 0);
    if (nesterov && momentum === 0) throw new Error('Expected `momentum` > 0 with `nesterov`, got 0.');
    super(variables, learningRate, momentum > 0 ? ['momentum'] : []);
    this.options = { momentum, nesterov, weightDecay, decay, learningRate };
  }

  protected prepare(learningRate: number): (target: Target) => void {
    const { momentum, nesterov, weightDecay, decay } = this.options;
    const rate = tf.scalar(learningRate);
    const weight = tf.scalar(weightDecay);
    const inertia = tf.scalar(momentum);
    return ({ name, handle, slots, gradient }) => {
      const direction = weightDecay > 0 && decay(name) ? decayed(gradient, handle, weight) : gradient;
      if (slots.momentum) {
        const attributes = [F32, LOCKING, attribute.bool('use_nesterov', nesterov)];
        const inputs = [handle, slots.momentum.handle, rate, direction, inertia];
        executeRawMany('ResourceApplyMomentum', attributes, inputs, 0);
      } else {
        executeRawMany('ResourceApplyGradientDescent', [F32, LOCKING], [handle, rate, direction], 0);
      }
    };
  }
}

/** gradient + weight · values; the reading is freed before the update, which then need not copy. */
function decayed(gradient: Tensor, handle: Tensor, weight: Tensor): Tensor {
  const values = executeRaw('ReadVariableOp', [attribute.type('dtype', DataType.float32)], [handle]);
  const pull = mul(values, weight);
  values.dispose();
  const direction = add(gradient, pull);
  pull.dispose();
  return direction;
}
