import { beforeAll, describe, expect, it } from 'vitest';
import { isImageGrid } from '../../../src/charts';
import { gallery, holdsMore } from '../../../src/experiments/diffusion-driven-selection/gallery';
import type { Made } from '../../../src/experiments/exhibit';
import { Store } from '../../../src/sweeps';
import { temporaryFolder } from '../../helpers/temporary';
import { tinyScale } from '../tiny-scale';

const shown = gallery({
  name: 'shown',
  item: 'Figure 0',
  title: 'crops that hold and miss the object',
  says: 'The truth is known.',
  dataset: 'ImageWoof',
  sets: [
    { label: 'on it', cell: { method: 'oracle', imagesPerClass: 2 } },
    { label: 'beside it', cell: { method: 'object missed', imagesPerClass: 2 }, hidden: true },
  ],
  layout: 'row per class',
  claims: [holdsMore('on it', 'beside it', 'Crops on the object hold more of it.')],
});

describe('gallery', () => {
  const store = new Store(temporaryFolder());
  let made: Made;
  beforeAll(async () => {
    made = await shown.make(tinyScale, { store });
  });

  it('draws the sets that are not hidden, and counts all by the masks', () => {
    const { picture, rows } = made;
    expect(isImageGrid(picture) && picture.text).toMatch(/10 × 2 images/);
    const [on, beside] = rows as Record<string, number>[];
    expect(on!.showing).toBe(1);
    expect(beside!.showing).toBeLessThan(0.05);
    expect(on).toMatchObject({ set: 'on it', imagesPerClass: 2, patches: 80 });
  });

  it('puts its claim to the rows, where the truth is known', () => {
    const [claim] = shown.claims;
    expect(claim!.test(made.rows)).toMatchObject({ holds: 'holds' });
    expect(claim!.test([...made.rows].map((row) => ({ ...row, objectShare: null })))).toMatchObject({
      holds: 'not compared',
    });
    const swapped = holdsMore('beside it', 'on it', 'The other way round.');
    expect(swapped.test(made.rows).holds).toBe("doesn't hold");
  });
});
