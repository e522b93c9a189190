/** The training loop of priors, teachers and students: AdamW, a schedule, averaged weights, checkpoints. */
import { existsSync } from 'node:fs';
import {
  AdamW,
  breathe,
  cellSignal,
  clipByGlobalNorm,
  cosineRate,
  Ema,
  guardFinite,
  guardFiniteWeights,
  type LongTask,
  lossAndGradients,
  type NamedVariables,
  type Optimiser,
  type OptimiserState,
  type Precision,
  type Schedule,
  type Tensor,
  tf,
  withPrecision,
  withWarmUp,
} from '../engine';
import { SafetensorsFile, writeSafetensors } from './checkpoint';
import type { Module, StoredTensor, TensorSource } from './module';

export interface TrainModuleOptions extends LongTask {
  /** Name of what is trained, for the progress line. */
  label: string;
  /** Optimiser steps in total, including those before a resume. */
  steps: number;
  /**
   * The scalar loss of a step. It must depend only on the step, the weights and `state`, so that a resumed training
   * continues exactly.
   */
  loss(step: number): Tensor;
  /** Precision of the matrix products and their gradients; weights and updates are float32. @default 'float32' */
  precision?: Precision | undefined;
  /** Which parameters are trained, by name; the others stay fixed. Default: all. */
  trainable?: (name: string) => boolean;
  /** State that the loss keeps between steps. Change it in afterStep, never in loss. */
  state?: TrainingState;
  /** Peak learning rate. */
  learningRate: number;
  /** Step → learning rate. Default: a linear warm-up over the first 2 % of the steps, then a cosine to zero. */
  schedule?: Schedule;
  /** Decoupled weight decay of weights with more than one axis: not of biases, norms, positions or tokens. Default: 0.01. */
  weightDecay?: number;
  /** Update rule instead of AdamW. The schedule still sets learning rates; weightDecay is ignored. */
  optimiser?: (variables: NamedVariables) => Optimiser;
  /** Gradients are clipped to this global norm. Default: no clipping. */
  clipNorm?: number | undefined;
  /** Called after each step with the number of steps done, for example to evaluate between epochs. */
  afterStep?: (done: number) => Promise<void> | void;
  /** Decay of a running average of the weights, which the module has at the end. Default: no average. */
  emaDecay?: number | undefined;
  /** Lets the average forget the initial weights soon (see Ema). Default true; false suits fine-tuning. */
  emaWarmUp?: boolean;
  /** File for the state: written every `everySeconds` (default 60), when stopped and at the end; resumed if present. */
  checkpoint?: { file: string; everySeconds?: number } | undefined;
}

/** State of a training beside weights, optimiser and averages. It is saved in the checkpoint and restored from it. */
export interface TrainingState {
  /** Tensors by name, and any other values as JSON. */
  save(): { tensors: ReadonlyMap<string, StoredTensor>; values: unknown };
  restore(saved: { tensors: TensorSource; values: unknown }): void;
}

export interface TrainingReport {
  steps: number;
  /** Mean loss of each hundredth of the training. */
  losses: number[];
  /** Seconds of training, including those before a resume. */
  seconds: number;
}

/** Trains `module` in place. @throws NonFiniteLossError, keeping the last good checkpoint */
export async function trainModule(module: Module, options: TrainModuleOptions): Promise<TrainingReport> {
  const {
    label,
    steps,
    loss,
    precision = 'float32',
    weightDecay = 0.01,
    clipNorm,
    emaDecay,
    emaWarmUp = true,
    trainable = () => true,
    state,
    checkpoint,
    signal = cellSignal(),
    onProgress,
  } = options;
  const rate =
    options.schedule ?? withWarmUp(cosineRate(options.learningRate, steps), Math.max(1, Math.round(0.02 * steps)));
  const lossAt = (step: number): Tensor => withPrecision(precision, () => loss(step));
  const variables = chosen(module.train().variables(), trainable);
  const optimiser =
    options.optimiser?.(variables) ??
    new AdamW(variables, {
      learningRate: options.learningRate,
      weightDecay,
      decay: (name) => name.includes('weight') && variables[name]!.shape.length > 1,
    });
  const ema = emaDecay === undefined ? undefined : new Ema(variables, { decay: emaDecay, warmUp: emaWarmUp });
  const history = new LossHistory(steps);
  let [step, seconds, saved] = [0, 0, performance.now()];

  const save = async (): Promise<void> => {
    if (!checkpoint) return;
    const tensors = new Map<string, StoredTensor>();
    for (const [name, tensor] of await module.stateDict()) tensors.set(`module/${name}`, tensor);
    for (const [part, state] of [
      ['optimiser', optimiser.state()],
      ['ema', ema?.state() ?? {}],
    ] as const) {
      for (const [name, tensor] of Object.entries(state)) {
        tensors.set(`${part}/${name}`, { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) });
        tensor.dispose();
      }
    }
    const kept = state?.save();
    for (const [name, tensor] of kept?.tensors ?? []) tensors.set(`state/${name}`, tensor);
    const metadata = {
      step: String(step),
      seconds: String(seconds),
      losses: JSON.stringify(history),
      state: JSON.stringify(kept?.values ?? null),
    };
    writeSafetensors(checkpoint.file, tensors, { metadata });
    saved = performance.now();
  };

  try {
    if (checkpoint && existsSync(checkpoint.file)) {
      const file = new SafetensorsFile(checkpoint.file);
      module.load(under(file, 'module/'));
      restoreFrom(file, 'optimiser/', (state) => optimiser.restore(state));
      if (ema) restoreFrom(file, 'ema/', (state) => ema.restore(state));
      state?.restore({ tensors: under(file, 'state/'), values: JSON.parse(file.metadata.state ?? 'null') });
      step = Number(file.metadata.step);
      seconds = Number(file.metadata.seconds);
      history.restore(JSON.parse(file.metadata.losses ?? '[]'));
    }
    while (step < steps) {
      await breathe(signal);
      const start = performance.now();
      const { loss: found, gradients } = lossAndGradients(variables, () => lossAt(step));
      const value = found.dataSync()[0]!;
      found.dispose();
      if (!Number.isFinite(value)) tf.dispose(gradients);
      guardFinite(value, { step, forward: () => lossAt(step), variables, checkpoint: checkpoint?.file });
      const clipped = clipNorm === undefined ? { gradients } : clipByGlobalNorm(gradients, clipNorm);
      if ('norm' in clipped) clipped.norm.dispose();
      optimiser.apply(clipped.gradients, rate(step));
      ema?.update();
      history.add(step, value);
      step += 1;
      await options.afterStep?.(step);
      seconds += (performance.now() - start) / 1000;
      // No loss follows that would show what the last update did.
      if (step === steps) guardFiniteWeights({ step, variables, checkpoint: checkpoint?.file });
      onProgress?.({ label, done: step, total: steps, detail: `loss ${history.recent.toPrecision(3)}` });
      if (step === steps || performance.now() - saved > 1000 * (checkpoint?.everySeconds ?? 60)) await save();
    }
  } catch (error) {
    // A stopped training is saved. After a NaN the state is worthless, so the last checkpoint stays as it is.
    if (signal?.aborted) await save();
    throw error;
  } finally {
    if (step === steps) ema?.copyTo();
    ema?.dispose();
    optimiser.dispose();
  }
  module.eval();
  return { steps, losses: history.means(), seconds: Math.round(seconds) };
}

/** Mean loss of each hundredth of a training. */
class LossHistory {
  private sums: [sum: number, count: number][] = [];
  /** Running mean of the last steps, for the progress line. */
  recent = Number.NaN;

  constructor(private readonly steps: number) {}

  add(step: number, loss: number): void {
    const bin = Math.floor((100 * step) / this.steps);
    const [sum, count] = this.sums[bin] ?? [0, 0];
    this.sums[bin] = [sum + loss, count + 1];
    this.recent = Number.isNaN(this.recent) ? loss : 0.98 * this.recent + 0.02 * loss;
  }

  means(): number[] {
    return this.sums.filter(Boolean).map(([sum, count]) => Number((sum / count).toPrecision(4)));
  }

  restore(sums: [number, number][]): void {
    this.sums = sums;
  }

  toJSON(): unknown {
    return this.sums;
  }
}

/** @throws if no variable is trainable */
function chosen(variables: NamedVariables, trainable: (name: string) => boolean): NamedVariables {
  const kept = Object.entries(variables).filter(([name]) => trainable(name));
  if (kept.length === 0) throw new Error("Expected 'trainable' to choose a parameter, it chose none.");
  return Object.fromEntries(kept);
}

/** The tensors whose names start with a prefix, named without it. */
function under(file: SafetensorsFile, prefix: string): TensorSource {
  const names = [...file.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return { keys: () => names, get: (name: string) => file.get(prefix + name) };
}

function restoreFrom(file: SafetensorsFile, prefix: string, restore: (state: OptimiserState) => void): void {
  const source = under(file, prefix);
  const state = Object.fromEntries(
    [...source.keys()].map((name) => {
      const { shape, data } = source.get(name)!;
      return [name, tf.tensor(data, shape as number[])];
    }),
  );
  restore(state);
  tf.dispose(state);
}
