/** Table 2 of paper 000: ImageNette. */
import { memoryTable } from './memory-table';

export const memoryTable2 = memoryTable({
  number: 2,
  dataset: 'ImageNette',
  students: ['ResNetAP-10'],
  title: 'distilled ImageNette',
});
