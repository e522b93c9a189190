/**
 * https://github.com/vimar-gu/MinimaxDiffusion/issues/4, and of the images themselves
 * https://github.com/fastai/imagenette/issues/47
 *
 * Reported: ImageWoof as fastai publishes it gives other accuracies than the papers', which take the same classes out of
 * ImageNet; asked of fastai's sets: whether their two halves are ImageNet's.
 *
 * Here: they are not, as some of ImageNet's validation images are in fastai's halves for training. Scale `paper`, which
 * stands beside the published figures, took such a folder without a word.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { imageNette } from '../../src/datasets';
import { openImageNet } from '../../src/experiments/scales/paper';
import { temporaryFolder } from '../helpers/temporary';

const folder = temporaryFolder();
const before = process.env.STILLHOUSE_IMAGENET;
afterAll(() => {
  if (before === undefined) delete process.env.STILLHOUSE_IMAGENET;
  else process.env.STILLHOUSE_IMAGENET = before;
});

const open = () => openImageNet('ImageNette', { ImageNette: imageNette }, { folder, missing: 'no prior' });

it("scale paper refuses training images of ImageNet's validation set by name", async () => {
  process.env.STILLHOUSE_IMAGENET = folder;
  for (const { wnid } of imageNette.classes) mkdirSync(join(folder, 'train', wnid), { recursive: true });
  const stray = join(folder, 'train', imageNette.classes[3]!.wnid, 'ILSVRC2012_val_00000007.JPEG');
  writeFileSync(stray, '');
  expect(await open()).toEqual({ missing: expect.stringContaining(`${stray} is of ImageNet's validation set`) });
  rmSync(stray);
  await expect(open()).rejects.toThrow('Expected images'); // It goes on, to class folders without images.
});
