import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stillLife } from '../../../src/datasets';
import { bindDistillation, diagnosisOf, firstImages, localisationOf } from '../../../src/experiments';
import { InProcessExecutor, Store } from '../../../src/sweeps';
import { tinyPrior } from '../../diffusion/tiny-prior';
import { temporaryFolder } from '../../helpers/temporary';
import { smallDataset } from '../../methods/small-dataset';

it('shows the first images of each class, in order', async () => {
  const dataset = smallDataset({ classes: ['cup', 'jug'], perClass: 3 });
  const shown = await firstImages(dataset, 2);
  // Classes take turns in this dataset.
  expect(shown).toEqual([
    [await dataset.image(0), await dataset.image(2)],
    [await dataset.image(1), await dataset.image(3)],
  ]);
});

it('judges every candidate and every choice of a selection by the masks', async () => {
  const folder = temporaryFolder();
  const prior = join(folder, 'prior');
  const dataset = { kind: 'still-life', split: 'train', perClass: 2, size: 32 } as const;
  const { classes } = stillLife({ split: 'train', perClass: 1 });
  await tinyPrior({ classes }).save(prior);
  const selection = bindDistillation({
    ...{ dataset, prior, imagesPerClass: 1, draws: 3, patchSize: 16, candidatesPerImage: 2 },
    ...{ clusters: 2, topClusters: 1, factor: 1 },
  });
  const store = new Store(join(folder, 'store'));
  const options = { store, executor: new InProcessExecutor(store), onProgress: () => undefined };
  const { rows, scoreAgainstObject } = await diagnosisOf(selection, options);
  const row = (name: string) => rows.find(({ patches }) => patches === name)!;
  const images = 2 * classes.length;
  expect(row('candidates, best of their image').n).toBe(images);
  // Of some images no second patch lies beside the first.
  expect(row('candidates, second best of their image').n).toBeGreaterThan(0);
  expect(row('candidates, second best of their image').n).toBeLessThanOrEqual(images);
  expect(row('chosen').n).toBe(classes.length);
  expect(Math.abs(scoreAgainstObject)).toBeLessThanOrEqual(1);
  // The best patches are those whose share of the object the localisation reports.
  const { objectShare } = await localisationOf(selection, options);
  expect(row('candidates, best of their image').objectShare).toBeCloseTo(objectShare!, 6);
});
