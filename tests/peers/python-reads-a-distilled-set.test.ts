/**
 * Only where a Python with torchvision and datasets is named:
 * STILLHOUSE_PEERS_PYTHON=…/bin/python npx vitest run tests/peers/python-reads
 */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { randomSelection, saveDistilledSet } from '../../src/methods';
import { temporaryFolder } from '../helpers/temporary';
import { smallDataset } from '../methods/small-dataset';

const python = process.env.STILLHOUSE_PEERS_PYTHON;
const able = python !== undefined && spawnSync(python, ['-c', 'import torchvision, datasets']).status === 0;
const why = able ? '' : ' (skipped: set STILLHOUSE_PEERS_PYTHON to a Python that has torchvision, datasets)';

const script = fileURLToPath(new URL('python-reads-a-distilled-set.py', import.meta.url));

describe.skipIf(!able)(`a saved distilled set in Python${why}`, () => {
  const folder = temporaryFolder();

  it.each([
    [
      ['cup', 'jug', 'teapot'],
      ['cup', 'jug', 'teapot'],
    ],
    [
      ['jug', 'cup', 'oil/vinegar jug'],
      ['000-jug', '001-cup', '002-oil-vinegar jug'],
    ],
  ])(
    'of %j has the same labels and pixels for ImageFolder and imagefolder',
    async (classes, names) => {
      const set = await randomSelection(smallDataset({ classes }), { imagesPerClass: 3, seed: 2 });
      const place = join(folder, names[0]!);
      await saveDistilledSet(set, place);
      const { stdout } = await promisify(execFile)(python!, [script, place]);
      const images = set.images.map(({ label, pixels }) => ({
        label,
        shape: [pixels.height, pixels.width, 3],
        sha256: createHash('sha256').update(pixels.data).digest('hex'),
      }));
      expect(JSON.parse(stdout)).toEqual({
        torchvision: { classes: names, images },
        datasets: { classes: names, images, splits: ['train'] },
      });
    },
    120_000,
  );
});
