/** Table 2 of paper 000: ImageNette. */
import type { Experiment } from '../experiment';
import { memoryTable } from './memory-table';

export const memoryTable2: Experiment = memoryTable({
  number: 2,
  dataset: 'ImageNette',
  students: ['ResNetAP-10'],
  title: 'distilled ImageNette',
});
