/**
 * The weights of a network after each epoch of its training: the path along which trajectory matching leads students.
 */
import { SafetensorsFile, type StoredTensor, type TensorSource, writeSafetensors } from '../../models';

/** An expert's trajectory, in memory or in a file whose checkpoints are read on demand. */
export interface Trajectory {
  /** Epochs of the training; there is one more checkpoint. */
  readonly epochs: number;
  /** Weights after this many epochs. @throws beyond 0 … epochs */
  at(epoch: number): TensorSource;
}

/** A trajectory from weights by name, one map per epoch from 0. */
export function trajectoryOf(checkpoints: readonly ReadonlyMap<string, StoredTensor>[]): Trajectory {
  const epochs = checkpoints.length - 1;
  return { epochs, at: (epoch) => checkpoints[within(epoch, epochs)]! };
}

/** Writes `2/classifier.weight` and so on. */
export function writeTrajectory(file: string, { epochs, at }: Trajectory): void {
  const tensors = new Map<string, StoredTensor>();
  for (let epoch = 0; epoch <= epochs; epoch++) {
    const weights = at(epoch);
    for (const name of weights.keys()) tensors.set(`${epoch}/${name}`, weights.get(name)!);
  }
  writeSafetensors(file, tensors, { metadata: { epochs: String(epochs) } });
}

/** Opens what writeTrajectory wrote. @throws when the file is none */
export function readTrajectory(file: string): Trajectory {
  const stored = new SafetensorsFile(file);
  const epochs = Number(stored.metadata.epochs);
  if (!Number.isInteger(epochs)) {
    throw new Error(`Expected ${file} to be a trajectory, found no number of epochs in it. Train the expert again.`);
  }
  return {
    epochs,
    at(epoch) {
      const start = `${within(epoch, epochs)}/`;
      return {
        keys: () => [...stored.keys()].filter((name) => name.startsWith(start)).map((name) => name.slice(start.length)),
        get: (name) => stored.get(start + name),
      };
    },
  };
}

function within(epoch: number, epochs: number): number {
  if (Number.isInteger(epoch) && epoch >= 0 && epoch <= epochs) return epoch;
  throw new RangeError(`Expected an epoch in 0 … ${epochs} of the expert, got ${epoch}. Train experts for longer.`);
}
