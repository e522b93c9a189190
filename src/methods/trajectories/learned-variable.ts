/** A variable that SGD learns along with the images: the students' rate, or the labels. */
import { Sgd, type Tensor, tf, type Variable } from '../../engine';

export class LearnedVariable {
  readonly variable: Variable;
  private readonly optimiser: Sgd;

  /** @param name identifies its state in a checkpoint; the initial values are freed */
  constructor(
    private readonly name: string,
    values: Tensor,
    options: { learningRate: number; momentum: number },
  ) {
    this.variable = tf.variable(values) as Variable;
    values.dispose();
    this.optimiser = new Sgd({ value: this.variable }, options);
  }

  /** A step against the gradient, which is freed. */
  apply(gradient: Tensor): void {
    this.optimiser.apply({ value: gradient });
  }

  /** State for a checkpoint. The caller disposes the tensors. */
  state(): Record<string, Tensor> {
    const state = { value: tf.clone<Tensor>(this.variable), ...this.optimiser.state() };
    return Object.fromEntries(Object.entries(state).map(([key, tensor]) => [`${this.name}/${key}`, tensor]));
  }

  restore(tensors: Record<string, Tensor>): void {
    const start = `${this.name}/`;
    const own = Object.entries(tensors).filter(([key]) => key.startsWith(start));
    const state = Object.fromEntries(own.map(([key, tensor]) => [key.slice(start.length), tensor]));
    this.variable.assign(state.value!);
    this.optimiser.restore(state);
  }

  dispose(): void {
    this.optimiser.dispose();
    this.variable.dispose();
  }
}
