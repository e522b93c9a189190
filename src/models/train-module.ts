/** The training loop that priors, teachers and students share: AdamW, a schedule, averaged weights, checkpoints. */
import { existsSync } from 'node:fs';
import {
  AdamW,
  breathe,
  clipByGlobalNorm,
  cosineRate,
  Ema,
  guardFinite,
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
  /** What is trained, for the progress line. */
  label: string;
  /** Optimiser steps in all, those before a resumed start included. */
  steps: number;
  /**
   * The scalar loss of a step; a function of the step, the weights and `state`, so that a resumed training goes on as it
   * would have.
   */
  loss(step: number): Tensor;
  /** Of the loss's products and of their gradients; weights and their update are float32. @default 'float32' */
  precision?: Precision | undefined;
  /** Which parameters are trained, by name; the others stay as they are. Default all. */
  trainable?: (name: string) => boolean;
  /** What the loss keeps from step to step; it changes in afterStep, never in loss. */
  state?: TrainingState;
  /** Highest learning rate. */
  learningRate: number;
  /** Step → learning rate. Default a linear warm-up over the first 2 % of the steps, then a cosine to zero. */
  schedule?: Schedule;
  /** Decoupled decay of weights with more than one axis. */
  weightDecay?: number;
  /** Another update rule than AdamW; learning rates still come from the schedule, and weightDecay is its own. */
  optimiser?: (variables: NamedVariables) => Optimiser;
  /** Gradients are scaled down to this norm, when given. */
  clipNorm?: number | undefined;
  /** Called after each step with the number of steps done: evaluation between epochs. */
  afterStep?: (done: number) => Promise<void> | void;
  /** Averages the weights with this decay and leaves the average in the module at the end. */
  emaDecay?: number | undefined;
  /** Lets the average forget the first weights soon (see Ema). Default true; false for fine-tuning, whose start counts. */
  emaWarmUp?: boolean;
  /** Where to write the state, every `everySeconds` (default 60), when stopped and at the end. A file that is there is gone on from. */
  checkpoint?: { file: string; everySeconds?: number } | undefined;
}

/** What a training keeps beside weights, update rule and averages. It is in the checkpoint and comes back from it. */
export interface TrainingState {
  /** Tensors by name, and whatever else as JSON. */
  save(): { tensors: ReadonlyMap<string, StoredTensor>; values: unknown };
  restore(saved: { tensors: TensorSource; values: unknown }): void;
}

export interface TrainingReport {
  steps: number;
  /** Mean loss of each hundredth of the training. */
  losses: number[];
  /** Seconds at work, over all starts. */
  seconds: number;
}

/** Trains `module` and leaves the result in it. @throws NonFiniteLossError; the checkpoint before it is kept. */
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
    signal,
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
      decay: (name) => variables[name]!.shape.length > 1,
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

  try {
    while (step < steps) {
      await breathe(signal);
      const start = performance.now();
      const { loss: found, gradients } = lossAndGradients(variables, () => lossAt(step));
      const value = found.dataSync()[0]!;
      found.dispose();
      guardFinite(value, { step, forward: () => lossAt(step), variables, checkpoint: checkpoint?.file });
      const clipped = clipNorm === undefined ? { gradients } : clipByGlobalNorm(gradients, clipNorm);
      if ('norm' in clipped) clipped.norm.dispose();
      optimiser.apply(clipped.gradients, rate(step));
      ema?.update();
      history.add(step, value);
      step += 1;
      await options.afterStep?.(step);
      seconds += (performance.now() - start) / 1000;
      onProgress?.({ label, done: step, total: steps, detail: `loss ${history.recent.toPrecision(3)}` });
      if (step === steps || performance.now() - saved > 1000 * (checkpoint?.everySeconds ?? 60)) await save();
    }
  } catch (error) {
    // Told to stop: what was learned is kept. After a NaN the state is worth nothing; the file before it stands.
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

/** @throws when nothing is left to train */
function chosen(variables: NamedVariables, trainable: (name: string) => boolean): NamedVariables {
  const kept = Object.entries(variables).filter(([name]) => trainable(name));
  if (kept.length === 0) throw new Error("Expected 'trainable' to choose a parameter, it chose none.");
  return Object.fromEntries(kept);
}

/** The tensors below a prefix, without it. */
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
