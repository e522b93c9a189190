/** The loop of methods that learn step by step: it reports progress, can be stopped, and resumes from a checkpoint. */
import { existsSync } from 'node:fs';
import { breathe, type LongTask, pacedProgress, type Tensor, tf } from '../../engine';
import { SafetensorsFile, type StoredTensor, writeSafetensors } from '../../models';

/** Where to write the state: every `everySeconds` (default 60), when stopped, and at the end. Resumed if it exists. */
export interface LearningCheckpoint {
  file: string;
  everySeconds?: number;
}

/** Everything that a step depends on besides its number. */
export interface LearningState {
  /** float32 or int32, by name. Whoever asks for the state disposes them. */
  tensors: Record<string, Tensor>;
  /** Everything else, as text. */
  notes?: Readonly<Record<string, string>>;
}

/** Something that learns and can save its state. */
export interface Learner {
  state(): LearningState;
  /** Restores a state. The caller keeps the tensors. */
  restore(state: LearningState): void;
}

export interface LearnStepsOptions extends LongTask {
  /** Name of the method. */
  method: string;
  steps: number;
  checkpoint?: LearningCheckpoint | undefined;
}

/**
 * Calls `learn` for each step, from 0 or from the checkpoint's; it returns the step's loss, and its random draws must
 * depend on the step number alone. Work stopped within a step resumes from the last checkpoint, so no step counts
 * twice.
 * @throws when a loss is not finite; the previous checkpoint is kept
 */
export async function learnSteps(
  learner: Learner,
  { method, steps, checkpoint, signal, onProgress }: LearnStepsOptions,
  learn: (step: number) => Promise<number>,
): Promise<void> {
  let [step, saved] = [checkpoint ? restore(learner, checkpoint) : 0, performance.now()];
  const report = pacedProgress(onProgress, { label: `Learning: ${method}`, total: steps });
  if (step > 0) report(step);
  while (step < steps) {
    try {
      await breathe(signal);
    } catch (stopped) {
      if (checkpoint) await save(learner, checkpoint, step);
      throw stopped;
    }
    const loss = await learn(step);
    if (!Number.isFinite(loss))
      throw new Error(`Expected a finite loss of ${method}, got ${loss} at step ${step}. Lower the learning rate.`);
    step += 1;
    report(1, `loss ${loss.toPrecision(3)}`);
    if (!checkpoint) continue;
    if (step < steps && performance.now() - saved < 1000 * (checkpoint.everySeconds ?? 60)) continue;
    await save(learner, checkpoint, step);
    saved = performance.now();
  }
}

async function save(learner: Learner, { file }: LearningCheckpoint, step: number): Promise<void> {
  const { tensors, notes } = learner.state();
  const stored = new Map<string, StoredTensor>();
  for (const [name, tensor] of Object.entries(tensors)) {
    stored.set(name, { shape: tensor.shape, data: Float32Array.from(await tensor.data()) });
    tensor.dispose();
  }
  writeSafetensors(file, stored, { metadata: { ...notes, step: String(step) } });
}

function restore(learner: Learner, { file }: LearningCheckpoint): number {
  if (!existsSync(file)) return 0;
  const stored = new SafetensorsFile(file);
  const { step, ...notes } = stored.metadata;
  const tensors = Object.fromEntries(
    [...stored.keys()].map((name) => {
      const { shape, data } = stored.get(name)!;
      return [name, tf.tensor(data, [...shape])];
    }),
  );
  learner.restore({ tensors, notes });
  tf.dispose(tensors);
  return Number(step);
}
