/** What a teacher answers to students of one seed, kept for students of other networks and of longer trainings. */
import { z } from 'zod';
import { loadDistilled, networkSchema, rdedProtocol, teacherAnswers as answersOf } from '../../evaluation';
import type { Distillation, DistilledSet } from '../../methods';
import { input, mapStage } from '../../sweeps';
import { recipeSchema } from './recipe';
import { type StoredTeacher, withTeacher } from './teacher';

/** The set itself, where a method also says why it chose it. */
export const setOf = (distilled: DistilledSet | Distillation): DistilledSet =>
  'set' in distilled ? distilled.set : distilled;

/**
 * Logits [images, classes] of each epoch, from 0, under RDED's protocol; a piece per epoch. Worth it where several students
 * ask the same. A thousand classes take 4 MB per epoch and thousand images, so there `student` asks anew.
 */
export const teacherAnswers = mapStage({
  name: 'teacher-answers',
  version: 2,
  code: import.meta.url,
  uses: ['./teacher', '../../evaluation/teacher-answers', '../../evaluation/images', '../../evaluation/protocols'],
  parameters: recipeSchema.omit({ epochs: true, learningRate: true, tests: true }).extend({
    size: z.int().min(1),
    seed: z.int(),
    /** Where the protocol has a batch of this network's own. */
    student: networkSchema.optional(),
  }),
  item: z.int(),
  inputs: { distilled: input<DistilledSet | Distillation>(), teacher: input<StoredTeacher>() },
  batch: 50,
  // A second thread finds little to do in passes over a batch; two sets side by side do.
  resources: { threads: 1, memory: 3000 },
  async run(context, { size, ...settings }, epochs, { distilled, teacher }) {
    const { signal, onProgress } = context;
    const set = setOf(distilled);
    const train = await loadDistilled(set, { size, signal });
    const { imagesPerClass } = set;
    const options = { protocol: rdedProtocol, imagesPerClass, ...settings, epochs, signal, onProgress };
    return withTeacher(context, teacher, ({ network, name }) =>
      answersOf(train, network, { ...options, teacher: name }),
    );
  },
});
