/** Table 3 of paper 000: ImageIDC. */
import type { Experiment } from '../experiment';
import { memoryTable } from './memory-table';

export const memoryTable3: Experiment = memoryTable({
  number: 3,
  dataset: 'ImageIDC',
  students: ['ResNetAP-10'],
  title: 'distilled ImageIDC',
});
