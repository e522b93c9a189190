/** The base of the optimisers: variables by name, their slots, a step counter, and the state as named tensors. */
import type { NamedGradients, NamedVariables } from '../gradients';
import { type Tensor, tf, type Variable } from '../tensorflow';
import { LinkedVariable, Resource } from './resource';

/** 'step', and one tensor per slot and variable: 'first/conv1.weight'. */
export type OptimiserState = Record<string, Tensor>;

interface Entry {
  linked: LinkedVariable;
  slots: Record<string, Resource>;
}

/** An update rule over named variables. */
export abstract class Optimiser {
  /** Updates made so far. */
  step = 0;
  readonly learningRate: number;
  private readonly entries = new Map<string, Entry>();

  protected constructor(variables: NamedVariables, learningRate: number, slots: readonly string[]) {
    this.learningRate = expectAtLeast('learningRate', learningRate, 0);
    for (const [name, variable] of Object.entries(variables)) {
      const resources = slots.map((slot) => [slot, Resource.zeros(variable)] as const);
      this.entries.set(name, { linked: new LinkedVariable(variable), slots: Object.fromEntries(resources) });
    }
  }

  /**
   * One update in place. Frees the gradients.
   * @param learningRate for this step, from a schedule; by default the constructor's.
   * @throws on a gradient whose name is not among the variables. A variable without gradient is left as it is.
   */
  apply(gradients: NamedGradients, learningRate: number = this.learningRate): void {
    expectAtLeast('learningRate', learningRate, 0);
    const unknown = Object.keys(gradients).find((name) => !this.entries.has(name));
    if (unknown !== undefined) {
      throw new Error(
        `Expected gradients of this optimiser's variables, got one for '${unknown}', which isn't one of them.`,
      );
    }
    this.step += 1;
    tf.tidy(() => {
      const update = this.prepare(learningRate);
      for (const [name, gradient] of Object.entries(gradients)) {
        const { linked, slots } = this.entries.get(name)!;
        linked.update((handle) => tf.tidy(() => update({ name, handle, slots, gradient, variable: linked.variable })));
        gradient.dispose();
      }
    });
  }

  /** Computes what all variables share in this step, and returns the update of one variable. */
  protected abstract prepare(learningRate: number): (target: Target) => void;

  /** The state for a checkpoint, whose tensors the caller disposes. */
  state(): OptimiserState {
    const state: OptimiserState = { step: tf.scalar(this.step, 'int32') };
    for (const [name, { slots }] of this.entries) {
      for (const [slot, resource] of Object.entries(slots)) state[`${slot}/${name}`] = resource.read();
    }
    return state;
  }

  /** Restores a state. @throws naming what is missing, or the shape that differs */
  restore(state: OptimiserState): void {
    const named = (key: string): Tensor => {
      const tensor = state[key];
      if (!tensor)
        throw new Error(`Expected the optimiser's state to hold '${key}'. Is it of another optimiser or model?`);
      return tensor;
    };
    for (const [name, { slots, linked }] of this.entries) {
      for (const [slot, resource] of Object.entries(slots)) {
        const key = `${slot}/${name}`;
        const tensor = named(key);
        if (String(tensor.shape) !== String(linked.variable.shape)) {
          throw new Error(`Expected '${key}' to have shape [${linked.variable.shape}], got [${tensor.shape}].`);
        }
        resource.write(tensor);
      }
    }
    this.step = named('step').dataSync()[0]!;
  }

  /** Frees the slots; the variables keep their values. */
  dispose(): void {
    for (const { linked, slots } of this.entries.values()) {
      linked.dispose();
      for (const resource of Object.values(slots)) resource.dispose();
    }
    this.entries.clear();
  }
}

/** One variable's update. */
export interface Target {
  name: string;
  /** TensorFlow's handle on the values. */
  handle: Tensor;
  slots: Record<string, Resource>;
  gradient: Tensor;
  /** Its values must not be read during an update. */
  variable: Variable;
}

/** @throws when `value` is not a finite number of at least `minimum`. */
export function expectAtLeast(name: string, value: number, minimum: number): number {
  if (!Number.isFinite(value) || value < minimum) {
    throw new Error(`Expected \`${name}\` to be a finite number >= ${minimum}, got ${value}.`);
  }
  return value;
}
