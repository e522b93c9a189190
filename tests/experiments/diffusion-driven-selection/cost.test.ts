import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { selectionCost, selectionCostText } from '../../../src/experiments/diffusion-driven-selection/cost';
import { quantise } from '../../../src/experiments/stages';
import { drawGroups } from '../../../src/methods';
import { run, Store, stage } from '../../../src/sweeps';
import { z } from 'zod';
import { temporaryFolder } from '../../helpers/temporary';

const paper = { settings: [{ imagesPerClass: 10 }], realImages: 300, imageSize: 512 };

/** Bytes of all files below a folder. */
const bytesBelow = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);

describe('selectionCost', () => {
  it('is two passes per draw and one per drawn feature, for every image', () => {
    const { images, passes } = selectionCost({ ...paper, classes: 10 });
    expect({ images, passes }).toEqual({ images: 3000, passes: 3000 * (2 * 96 + 8) });
  });

  it('keeps within 120 kB per image at the paper’s settings on 64 × 64 latents', () => {
    expect(selectionCost({ ...paper, classes: 1000 }).bytesPerImage).toBeLessThanOrEqual(120_000);
  });

  it('counts what configurations share once: patches, clusters and IPC cost nothing, a new range its own draws', () => {
    const one = selectionCost({ ...paper, classes: 10 });
    const others = [{ patchSize: 112 }, { clusters: 8, topClusters: 4 }, { imagesPerClass: 50 }];
    const settings = [{}, ...others].map((change) => ({ imagesPerClass: 10, ...change }));
    expect(selectionCost({ ...paper, classes: 10, settings })).toEqual(one);
    const ranges = [...paper.settings, { imagesPerClass: 10, timestepRange: [0.1, 0.3] as const }];
    // A third of its draws is there.
    expect(selectionCost({ ...paper, classes: 10, settings: ranges }).passes - one.passes).toBe(3000 * 2 * 64);
  });

  it('leaves features out where nothing is clustered', () => {
    const settings = [{ imagesPerClass: 10, clusters: 0 }];
    expect(selectionCost({ ...paper, classes: 1, settings }).passes).toBe(300 * 2 * 96);
  });

  it('says hours where a pass has been measured, and that it has not', () => {
    const measured = selectionCost({ ...paper, classes: 10, secondsPerPass: 0.06 });
    expect(selectionCostText(measured)).toBe('3,000 images, 600,000 passes through the prior, 343 MB, 10 h');
    expect(selectionCostText(selectionCost({ ...paper, classes: 1000 }))).toContain('GB, hours not known');
  });

  it('refuses an up-block that the prior does not have, and no classes', () => {
    const settings = [{ imagesPerClass: 10, features: { kind: 'dift', upBlock: 4 } as const }];
    expect(() => selectionCost({ ...paper, classes: 1, settings })).toThrow('up-block of 0 … 3');
    expect(() => selectionCost({ ...paper, classes: 0 })).toThrow("'classes' to be 1 or more, got 0");
  });
});

describe('the pieces of an image in a store', () => {
  // Incompressible, so that nothing but the format is measured.
  const noise = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(1e4 * i));
  const settings = { timestepRange: [0.1, 0.7], bandWidth: 0.2, draws: 96 } as const;

  it('take what selectionCost says, within its allowance for records', async () => {
    const store = new Store(temporaryFolder());
    const pieces = stage({
      name: 'pieces',
      version: 1,
      code: import.meta.url,
      uses: [],
      parameters: z.object({ group: z.int() }),
      run: (_context, { group }) =>
        group < 0
          ? quantise(noise(6 * 6 * 1280), [6, 6, 1280], 8)
          : {
              id: 'f'.repeat(32),
              map: quantise(
                noise(64 * 64).map((v) => v + group),
                [64, 64, 1],
                16,
              ),
              height: 512,
              width: 512,
            },
    });
    const groups = [-1, ...drawGroups(settings).keys()];
    await run(
      groups.map((group) => pieces.bind({ group })),
      { store },
    );
    const bytes = bytesBelow(store.root);
    expect(bytes).toBeLessThanOrEqual(120_000);
    const reckoned = selectionCost({ ...paper, classes: 1, realImages: 1 }).bytes;
    expect(bytes).toBeLessThanOrEqual(reckoned);
    expect(bytes).toBeGreaterThan(0.85 * reckoned);
  });
});
