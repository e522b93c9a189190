/** Table 1 of paper 000: ImageWoof. */
import type { Experiment } from '../experiment';
import { memoryTable } from './memory-table';

export const memoryTable1: Experiment = memoryTable({
  number: 1,
  dataset: 'ImageWoof',
  students: ['ConvNet-6', 'ResNetAP-10', 'ResNet-18'],
  title: 'distilled ImageWoof under three architectures',
});
