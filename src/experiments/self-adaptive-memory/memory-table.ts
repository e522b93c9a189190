/**
 * A table of paper 000: methods by architecture and images per class on one dataset. The text at hand has lost the tables;
 * that each has one of the three datasets, and these axes, is our reading, after Minimax diffusion's tables.
 */
import { above, largerLead } from '../claims';
import { experiment } from '../experiment';
import { published } from '../published';

const ours = 'self-adaptive memory';

export interface MemoryTable {
  /** 1, 2 or 3. */
  number: number;
  /** The paper's names. */
  dataset: string;
  students: readonly string[];
  title: string;
}

/** Named 'memory-table-1', as both papers have a Table 1. */
export const memoryTable = ({ number, dataset, students, title }: MemoryTable) =>
  experiment({
    name: `memory-table-${number}`,
    paper: 'self-adaptive memory',
    item: `Table ${number} of paper 000`,
    title,
    says: 'Images drawn from a diffusion model that was fine-tuned with self-adaptive memory make a better training set than those of existing methods, in most situations. The methods beside ours are those of Minimax diffusion’s tables.',
    axes: {
      dataset: [dataset],
      student: students,
      method: ['random', 'k-center', 'herding', 'DM', 'IDC-1', 'GLaD', 'DiT', 'Minimax', ours],
      imagesPerClass: [10, 20, 50, 70, 100],
    },
    cell: ({ dataset, student, method, imagesPerClass }) => ({
      dataset,
      method,
      imagesPerClass,
      student,
      protocol: 'idc',
    }),
    controls: 'method',
    published: published('self-adaptive-memory', `table-${number}`),
    claims: [
      above(
        { method: ours },
        { method: 'Minimax' },
        { says: 'Self-adaptive memories are better than queues (Minimax).', onPublished: 'not in the text' },
      ),
      above(
        { method: ours },
        { method: 'DiT' },
        { says: 'Ours is better than the diffusion model as it is (DiT).', onPublished: 'not in the text' },
      ),
      above(
        { method: ours },
        { method: 'random' },
        { says: 'Ours is better than random real images.', onPublished: 'not in the text' },
      ),
      above(
        { method: ours },
        { method: 'herding' },
        { says: 'Ours is better than the real images that herding takes.', onPublished: 'not in the text' },
      ),
      above(
        { method: ours },
        { method: 'IDC-1' },
        { says: 'Ours is better than images that are learned pixel by pixel (IDC-1).', onPublished: 'not in the text' },
      ),
      largerLead(
        { method: ours },
        { method: 'Minimax' },
        {
          here: { imagesPerClass: 10 },
          there: { imagesPerClass: 100 },
          says: 'The lead over Minimax is larger at 10 images per class than at 100.',
          onPublished: 'not in the text',
        },
      ),
    ],
    table: { facet: 'student', rows: ['method'], columns: ['imagesPerClass'] },
    chart: { kind: 'dots', y: 'method', series: 'imagesPerClass', facet: 'student' },
    labels: { imagesPerClass: 'images per class' },
  });
