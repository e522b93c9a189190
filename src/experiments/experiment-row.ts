/** A row of an experiment: one student. */
import type { ResultRow } from '../charts';

/** One student: its place in the table, its seeds, its accuracy in 0 … 1. */
export type ExperimentRow = ResultRow & {
  readonly set: number;
  readonly studentSeed: number;
  readonly accuracy: number;
  readonly bestAccuracy: number;
  readonly seconds: number;
  readonly labels: 'soft' | 'hard';
  /** Accuracy of the network that makes the soft labels; null with hard labels. */
  readonly teacherAccuracy: number | null;
  readonly imageBytes: number;
  readonly labelBytes: number;
  readonly teacherBytes: number;
};
