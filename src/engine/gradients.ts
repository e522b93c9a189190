/**
 * Loss and gradients of named variables, on tfjs's tape. tfjs's own walk keeps every activation and every intermediate
 * gradient until its end; this one frees each as soon as it has been used, so that memory falls during the backward pass.
 */
import { add } from './ops/elementary';
import { owningGradients } from './raw';
import { type Scalar, type Tensor, tf, type Variable } from './tensorflow';

/** Variables by checkpoint name. */
export type NamedVariables = Record<string, Variable>;
/** Gradients by the names of their variables. */
export type NamedGradients = Record<string, Tensor>;

export interface GradientOptions {
  /**
   * What to do with a variable on which the loss does not depend: 'refuse' throws (an unconnected layer is usually a
   * mistake), 'skip' leaves it out. @default 'refuse'
   */
  unused?: 'refuse' | 'skip';
}

export interface LossAndGradients {
  /** The loss, a scalar. */
  loss: Scalar;
  /** dloss/dvariable, by name. An optimiser's `apply` frees them. */
  gradients: NamedGradients;
}

interface TapeNode {
  kernelName: string;
  inputs: Record<string, Tensor>;
  outputs: Tensor[];
  saved: Tensor[];
  gradient?: (dys: (Tensor | null)[]) => Record<string, () => Tensor>;
}

/** The parts of tfjs's engine that its types keep private. */
interface TapeEngine {
  state: { activeTape: TapeNode[] | null; gradientDepth: number; kernelDepth: number };
  startTape(): void;
  endTape(): void;
}
const engine = (): TapeEngine => tf.engine() as unknown as TapeEngine;

/**
 * Evaluates `lossFunction` and its gradient with respect to `variables`. Intermediate tensors are freed, also if it
 * throws. Outside a tf.tidy the caller frees the loss, and the gradients unless an optimiser takes them.
 * @throws if the loss is not a float32 scalar, or depends on none of the variables (by default, also if not on all)
 * @example const { loss, gradients } = lossAndGradients(model.variables(), () => meanSquaredError(model.forward(x), y));
 */
export function lossAndGradients(
  variables: NamedVariables,
  lossFunction: () => Tensor,
  options: GradientOptions = {},
): LossAndGradients {
  const { state } = engine();
  if (state.gradientDepth > 0) {
    throw new Error(
      'lossAndGradients: expected no other gradient to be under way. For second derivatives use tf.grad.',
    );
  }
  const { loss, tape } = record(lossFunction);
  try {
    return tf.tidy(() => {
      const gradients = walkBack(tape, loss, variables, options.unused ?? 'refuse');
      return { loss: loss as Scalar, gradients };
    });
  } catch (error) {
    loss.dispose();
    throw error;
  } finally {
    release(tape);
  }
}

/** Runs `body` (a frozen teacher, an encoder) without recording it: no gradients, and no tensors kept for them. */
export function withoutGradients<Result>(body: () => Result): Result {
  const { state } = engine();
  state.kernelDepth++;
  try {
    return body();
  } finally {
    state.kernelDepth--;
  }
}

function record(lossFunction: () => Tensor): { loss: Tensor; tape: TapeNode[] } {
  const { state } = engine();
  let tape: TapeNode[] = [];
  try {
    engine().startTape();
    let loss: Tensor;
    try {
      loss = tf.tidy(lossFunction);
    } finally {
      engine().endTape();
      tape = state.activeTape ?? [];
      state.activeTape = null;
    }
    if (!(loss instanceof tf.Tensor) || loss.rank !== 0 || loss.dtype !== 'float32') {
      const seen = loss instanceof tf.Tensor ? `${loss.dtype} [${loss.shape}]` : typeof loss;
      if (loss instanceof tf.Tensor) loss.dispose();
      throw new Error(`lossAndGradients: expected the loss to be a float32 scalar, got ${seen}. Take its mean.`);
    }
    return { loss, tape };
  } catch (error) {
    release(tape);
    throw error;
  }
}

function release(tape: TapeNode[]): void {
  for (const node of tape) for (const tensor of node.saved) tensor.dispose();
}

/** Backpropagation over the part of the tape between `variables` and `loss`. */
function walkBack(
  tape: TapeNode[],
  loss: Tensor,
  variables: NamedVariables,
  unused: 'refuse' | 'skip',
): NamedGradients {
  const wanted = new Set(Object.values(variables).map((variable) => variable.id));
  const path = between(tape, wanted, loss);
  const onPath = new Set(path);
  release(tape.filter((node) => !onPath.has(node)));

  const gradients = new Map<number, Tensor>([[loss.id, tf.onesLike(loss)]]);
  for (let index = path.length - 1; index >= 0; index--) {
    const node = path[index]!;
    const dys = node.outputs.map((output) => gradients.get(output.id) ?? null);
    if (dys.some((dy) => dy !== null)) propagate(node, dys, gradients);
    release([node]);
    for (const output of node.outputs) {
      // An output may itself be a wanted variable, whose gradient is kept.
      if (wanted.has(output.id)) continue;
      gradients.get(output.id)?.dispose();
      gradients.delete(output.id);
    }
  }

  const missing = Object.keys(variables).filter((name) => !gradients.has(variables[name]!.id));
  if (missing.length > 0 && (unused === 'refuse' || missing.length === Object.keys(variables).length)) {
    const shown = missing.slice(0, 5).map((name) => `'${name}'`);
    throw new Error(
      `lossAndGradients: expected the loss to depend on every variable, but not on ${missing.length}: ${shown.join(', ')}${missing.length > 5 ? ', …' : ''}. Leave them out, or pass { unused: 'skip' }.`,
    );
  }
  return Object.fromEntries(
    Object.entries(variables)
      .filter(([, variable]) => gradients.has(variable.id))
      .map(([name, variable]) => [name, gradients.get(variable.id)!]),
  );
}

/** The nodes on paths from a wanted tensor to the loss, in order, without their inputs that need no gradient. */
function between(tape: TapeNode[], wanted: Set<number>, loss: Tensor): TapeNode[] {
  const reached = new Set(wanted);
  for (const node of tape) {
    if (inputsOf(node).some((input) => reached.has(input.id)))
      for (const output of node.outputs) reached.add(output.id);
  }
  const leading = new Set([loss.id]);
  const path: TapeNode[] = [];
  for (let index = tape.length - 1; index >= 0; index--) {
    const node = tape[index]!;
    if (!node.outputs.some((output) => leading.has(output.id) && reached.has(output.id))) continue;
    // Inputs that come from no variable need no gradient.
    node.inputs = Object.fromEntries(Object.entries(node.inputs).filter(([, input]) => reached.has(input.id)));
    for (const input of inputsOf(node)) leading.add(input.id);
    path.push(node);
  }
  return path.reverse();
}

const inputsOf = (node: TapeNode): Tensor[] => Object.values(node.inputs);

function propagate(node: TapeNode, dys: (Tensor | null)[], gradients: Map<number, Tensor>): void {
  if (!node.gradient) {
    throw new Error(`lossAndGradients: tfjs has no gradient for ${node.kernelName}. Write the operation otherwise.`);
  }
  const gradientOf = node.gradient;
  const run = (): Tensor[] => {
    const functions = gradientOf(dys);
    const used = new Set<Tensor | null>(dys);
    return Object.entries(node.inputs).map(([name, input]) => {
      const compute = functions[name];
      if (!compute) throw new Error(`lossAndGradients: ${node.kernelName} has no gradient for its input '${name}'.`);
      let dx = tf.tidy(compute);
      if (dx.size !== input.size) {
        throw new Error(`${node.kernelName}: the gradient of '${name}' has shape [${dx.shape}], not [${input.shape}].`);
      }
      // The same tensor for two inputs, or dy itself, is disposed of separately: clone it (the data are shared).
      if (used.has(dx)) dx = tf.clone(dx);
      used.add(dx);
      return dx;
    });
  };
  const results = tf.tidy(() => owningGradients(run));
  inputsOf(node).forEach((input, index) => {
    const dx = results[index]!;
    const before = gradients.get(input.id);
    if (before) {
      gradients.set(input.id, add(before, dx));
      before.dispose();
      dx.dispose();
    } else {
      gradients.set(input.id, dx);
    }
  });
}
