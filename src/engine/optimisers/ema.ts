/** Exponential moving average of weights, with which samples are drawn after training. */
import type { NamedVariables } from '../gradients';
import { sub } from '../ops/elementary';
import { attribute, executeRawMany, F32 } from '../raw';
import { type Tensor, tf } from '../tensorflow';
import { Resource } from './resource';

export interface EmaOptions {
  /** Decay of the average, 0 … 1. @default 0.9999 */
  decay?: number;
  /** Lets the decay grow as (1 + n) / (10 + n) up to `decay`, to forget the initial weights soon. @default true */
  warmUp?: boolean;
}

/** a ← decay · a + (1 − decay) · w, for each variable, from its values at construction. */
export class Ema {
  /** Updates made so far. */
  step = 0;
  private readonly variables: NamedVariables;
  private readonly averages: Map<string, Resource>;
  private readonly decay: number;
  private readonly warmUp: boolean;

  constructor(variables: NamedVariables, options: EmaOptions = {}) {
    const { decay = 0.9999, warmUp = true } = options;
    if (!(decay >= 0 && decay < 1)) throw new Error(`Expected \`decay\` to be in [0, 1), got ${decay}.`);
    this.variables = variables;
    this.decay = decay;
    this.warmUp = warmUp;
    this.averages = new Map(Object.entries(variables).map(([name, variable]) => [name, Resource.copy(variable)]));
  }

  /** Updates the averages from the current variables. Call it after each optimiser step. */
  update(): void {
    this.step += 1;
    const decay = this.warmUp ? Math.min(this.decay, (1 + this.step) / (10 + this.step)) : this.decay;
    tf.tidy(() => {
      const rate = tf.scalar(1 - decay);
      for (const [name, average] of this.averages) {
        const value = average.read();
        const distance = sub(value, this.variables[name]!);
        value.dispose();
        const attributes = [F32, attribute.bool('use_locking', false)];
        executeRawMany('ResourceApplyGradientDescent', attributes, [average.handle, rate, distance], 0);
        distance.dispose();
      }
    });
  }

  /** The averages by name, which the caller disposes. */
  values(): Record<string, Tensor> {
    return Object.fromEntries([...this.averages].map(([name, average]) => [name, average.read()]));
  }

  /** Runs `body` with the averages in the variables, then restores the trained weights. */
  async during<Result>(body: () => Result | Promise<Result>): Promise<Result> {
    const trained = Object.entries(this.variables).map(([name, variable]) => [name, tf.clone(variable)] as const);
    this.copyTo();
    try {
      return await body();
    } finally {
      for (const [name, values] of trained) {
        this.variables[name]!.assign(values);
        values.dispose();
      }
    }
  }

  /** Puts the averages into the variables for good. */
  copyTo(): void {
    for (const [name, value] of Object.entries(this.values())) {
      this.variables[name]!.assign(value);
      value.dispose();
    }
  }

  /** The state for a checkpoint: 'step' and the averages by name, which the caller disposes. */
  state(): Record<string, Tensor> {
    return { step: tf.scalar(this.step, 'int32'), ...prefixed(this.values()) };
  }

  /** Restores a state. @throws naming an average that is missing */
  restore(state: Record<string, Tensor>): void {
    for (const [name, average] of this.averages) {
      const tensor = state[`average/${name}`];
      if (!tensor) throw new Error(`Expected the averages' state to hold 'average/${name}'. Is it of another model?`);
      average.write(tensor);
    }
    this.step = state.step?.dataSync()[0] ?? 0;
  }

  dispose(): void {
    for (const average of this.averages.values()) average.dispose();
    this.averages.clear();
  }
}

const prefixed = (values: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`average/${name}`, value]));
