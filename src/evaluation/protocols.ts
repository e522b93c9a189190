/** How a student is trained on a distilled set. Every number that makes a table cell stands in its row here. */
import type { NetworkName } from './networks';

export interface Protocol {
  name: string;
  /** 'soft': the teacher's logits on every mixed batch; 'hard': the class labels. */
  labels: 'soft' | 'hard';
  epochs: number;
  /** Images a step, by images per class and number of classes. */
  batchSize(imagesPerClass: number, classes: number): number;
  /** Temperature of the soft-label loss. */
  temperature: number;
  learningRate(student: NetworkName): number;
  /** AdamW's decay of weights with more than one axis. */
  weightDecay: number;
  /** The cosine reaches 1/zeta of its half period at the end: 2 ends at half the learning rate. */
  zeta: number;
  /** Every batch is CutMixed. */
  cutMix: boolean;
  /** Evaluated on the test set after each of these epochs (1-based). */
  evaluates(epoch: number, epochs: number): boolean;
  source: string;
}

/** RDED's batch rule (argument.py): 10 / 50 / 100 images at IPC 1 / 10 / 50, twice that from 100 classes on. */
export function rdedBatchSize(imagesPerClass: number, classes: number): number {
  const base = imagesPerClass <= 1 ? 10 : imagesPerClass <= 10 ? 50 : 100;
  return Math.min(base * (classes >= 100 ? 2 : 1), imagesPerClass * classes);
}

/** RDED's evaluation (Sun et al. 2024), which paper 001 uses for its tables (section 4). */
export const rdedProtocol: Protocol = {
  name: 'RDED soft labels',
  labels: 'soft',
  epochs: 300,
  batchSize: rdedBatchSize,
  temperature: 20,
  learningRate: () => 0.001,
  weightDecay: 0.01,
  zeta: 2,
  cutMix: true,
  evaluates: (epoch, epochs) => epoch === epochs || (epoch > 0.8 * epochs && epoch % 10 === 0),
  source: 'LINs-lab/RDED@3f6453d argument.py, validation/*',
};

/** The same recipe with class labels in place of the teacher: what the images alone are worth. */
export const hardLabelProtocol: Protocol = {
  ...rdedProtocol,
  name: 'hard labels',
  labels: 'hard',
  source: "RDED's recipe with cross-entropy on CutMixed class labels (paper 001's Table 7 does not give its own)",
};
