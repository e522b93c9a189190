/** Table 3 of paper 000: ImageIDC. */
import { memoryTable } from './memory-table';

export const memoryTable3 = memoryTable({
  number: 3,
  dataset: 'ImageIDC',
  students: ['ResNetAP-10'],
  title: 'distilled ImageIDC',
});
