/** Table 3 of paper 001: every teacher with every student, 50 images per class. */
import { above } from '../claims';
import { type Experiment, experiment } from '../experiment';
import { published } from '../published';
import { networks } from './networks';

export const table3: Experiment = experiment({
  name: 'table-3',
  paper: 'diffusion-driven selection',
  item: 'Table 3',
  title: 'teachers and students at 50 images per class',
  says: 'Shallower networks are the better teachers and larger networks the better students; a ViT learns as well as a CNN here, and teaches worse.',
  axes: { method: ['diffusion-driven selection'], teacher: networks, student: networks },
  cell: ({ method, teacher, student }) => ({
    dataset: 'ImageNet-1K',
    method,
    teacher,
    student,
    imagesPerClass: 50,
  }),
  published: published('diffusion-driven-selection', 'table-3'),
  claims: [
    above(
      { teacher: 'ResNet-18' },
      { teacher: 'ResNet-101' },
      { says: 'ResNet-18 teaches every student better than ResNet-101 does.', onPublished: "doesn't hold" },
    ),
    above(
      { student: 'ResNet-101' },
      { student: 'ResNet-18' },
      { says: 'ResNet-101 learns more than ResNet-18 from every teacher.', onPublished: 'holds' },
    ),
    above(
      { student: 'ViT-B' },
      { student: 'ResNet-18' },
      { says: 'ViT-B learns more than ResNet-18 from every teacher.', onPublished: 'open' },
    ),
    above(
      { teacher: 'ResNet-18' },
      { teacher: 'ViT-B' },
      { says: 'ResNet-18 teaches every student better than ViT-B does.', onPublished: 'holds' },
    ),
  ],
  table: { rows: ['method', 'teacher'], columns: ['student'] },
  chart: { kind: 'heat map', x: 'student', y: 'teacher' },
});
