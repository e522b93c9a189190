/** Stops a training whose loss is not finite, and finds the layer where the problem began. */
import type { NamedVariables } from './gradients';
import { type Tensor, tf } from './tensorflow';
import { watchOperations } from './trace';

export interface GuardOptions {
  /** Number of the step, for the message. */
  step: number;
  /** Runs the same forward pass again, on the same batch, for the search. Its result is freed. */
  forward: () => Tensor;
  /** The network's variables, whose names identify layers. */
  variables?: NamedVariables;
  /** Path of the last good checkpoint, for the message. */
  checkpoint?: string | undefined;
}

/** A loss that is NaN or infinite, or weights that are so after the last update, which no loss follows. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';
  readonly step: number;
  /** The first layer with a weight or an output that is not finite; undefined if there is none. */
  readonly layer: string | undefined;
  readonly checkpoint: string | undefined;

  /** @param loss undefined where weights were looked at */
  constructor(
    loss: number | undefined,
    where: Culprit | undefined,
    { step, checkpoint }: Omit<GuardOptions, 'forward'>,
  ) {
    const found = where
      ? `First bad: ${where.what} of ${where.layer}.`
      : 'All operations of the network are finite: look at the loss and at the batch.';
    const kept = checkpoint ? ` The last good checkpoint is kept: ${checkpoint}.` : '';
    const wrong =
      loss === undefined
        ? `Expected finite weights after step ${step}, got others.`
        : `Expected a finite loss at step ${step}, got ${loss}.`;
    super(`${wrong} ${found}${kept} Lower the learning rate, or clip gradients.`);
    this.step = step;
    this.layer = where?.layer;
    this.checkpoint = checkpoint;
  }
}

interface Culprit {
  layer: string;
  what: string;
}

/**
 * Throws if `loss` is not finite, after running the forward pass again to find the first weight or layer output that
 * isn't. Call it before gradients are applied and before a checkpoint is overwritten.
 * @throws NonFiniteLossError naming step, layer and checkpoint
 */
export function guardFinite(loss: number, options: GuardOptions): void {
  if (Number.isFinite(loss)) return;
  throw new NonFiniteLossError(loss, badWeight(options.variables ?? {}) ?? firstBadOutput(options), options);
}

/** Throws if a weight is not finite. @throws NonFiniteLossError naming it, step and checkpoint */
export function guardFiniteWeights(options: Omit<GuardOptions, 'forward'>): void {
  const bad = badWeight(options.variables ?? {});
  if (bad) throw new NonFiniteLossError(undefined, bad, options);
}

function badWeight(variables: NamedVariables): Culprit | undefined {
  const name = Object.keys(variables).find((key) => !allFinite(variables[key]!));
  return name === undefined ? undefined : { layer: name, what: 'the values' };
}

function firstBadOutput({ forward, variables = {} }: GuardOptions): Culprit | undefined {
  const names = new Map(Object.entries(variables).map(([name, variable]) => [variable.id, name]));
  let culprit: Culprit | undefined;
  let before = 'the input';
  const watched = () =>
    watchOperations(({ operation, layer, inputs, output }) => {
      if (culprit) return;
      const weight = Object.values(inputs).flatMap((input) => names.get(input.id) ?? [])[0];
      const here = weight?.replace(/\.[^.]*$/, '') ?? (layer || undefined);
      if (!allFinite(output)) {
        const inputIsBad = Object.values(inputs).some((input) => input.dtype === 'float32' && !allFinite(input));
        culprit = {
          layer: here ?? `the part after ${before}`,
          what: `${inputIsBad ? 'the input' : 'the output'} (${operation})`,
        };
      }
      before = here ?? before;
    }, forward);
  tf.tidy(() => void watched());
  return culprit;
}

/** True when no element is NaN or infinite. */
function allFinite(x: Tensor): boolean {
  return tf.tidy(() => Number.isFinite(tf.sum(tf.mul(x, 0)).dataSync()[0]!));
}
