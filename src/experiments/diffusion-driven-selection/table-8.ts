/** Table 8 of paper 001: every teacher with every student, 10 images per class. */
import { above, highest } from '../claims';
import { type Experiment, experiment } from '../experiment';
import { published } from '../published';
import { networks } from './networks';

export const table8: Experiment = experiment({
  name: 'table-8',
  paper: 'diffusion-driven selection',
  item: 'Table 8',
  title: 'teachers and students at 10 images per class',
  says: 'With few images ResNet-18 is the best teacher, and transformers learn about half of what CNNs do: they need complete features of a class. The claims here ask whether they learn less, not how much.',
  axes: { method: ['diffusion-driven selection'], teacher: networks, student: networks },
  cell: ({ method, teacher, student }) => ({
    dataset: 'ImageNet-1K',
    method,
    teacher,
    student,
    imagesPerClass: 10,
  }),
  published: published('diffusion-driven-selection', 'table-8'),
  claims: [
    highest(
      { teacher: 'ResNet-18' },
      { says: 'ResNet-18 is the best teacher of every student.', onPublished: "doesn't hold" },
    ),
    above(
      { student: 'ResNet-18' },
      { student: 'ViT-B' },
      { says: 'ResNet-18 learns more than ViT-B from every teacher.', onPublished: 'holds' },
    ),
    above(
      { student: 'ResNet-18' },
      { student: 'Swin-T' },
      { says: 'ResNet-18 learns more than Swin-T from every teacher.', onPublished: "doesn't hold" },
    ),
    above(
      { student: 'ResNet-101' },
      { student: 'ResNet-18' },
      { says: 'ResNet-101 learns more than ResNet-18 from every teacher.', onPublished: 'holds' },
    ),
  ],
  table: { rows: ['method', 'teacher'], columns: ['student'] },
  chart: { kind: 'heat map', x: 'student', y: 'teacher' },
});
