/** Table 1 of paper 000: ImageWoof. */
import { memoryTable } from './memory-table';

export const memoryTable1 = memoryTable({
  number: 1,
  dataset: 'ImageWoof',
  students: ['ConvNet-6', 'ResNetAP-10', 'ResNet-18'],
  title: 'distilled ImageWoof under three architectures',
});
