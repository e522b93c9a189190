import { describe, expect, it } from 'vitest';
import { imageIdc, imageNet1k, imageNet100, imageNetSubsets, imageNette, imageWoof } from '../../src/datasets/subsets';

describe('ImageNet-1K', () => {
  it('has 1,000 classes in the order of their wnids, each of another name', () => {
    const { classes } = imageNet1k;
    expect(classes.map(({ index }) => index)).toEqual(Array.from({ length: 1000 }, (_, k) => k));
    const wnids = classes.map(({ wnid }) => wnid);
    expect(wnids).toEqual([...wnids].sort());
    expect(new Set(classes.map(({ name }) => name.toLowerCase())).size).toBe(1000);
    expect([classes[0], classes[207], classes[999]]).toEqual([
      { wnid: 'n01440764', index: 0, name: 'tench' },
      { wnid: 'n02099601', index: 207, name: 'golden retriever' },
      { wnid: 'n15075141', index: 999, name: 'toilet tissue' },
    ]);
  });
});

describe('subsets of ImageNet', () => {
  it('have well-formed, different classes', () => {
    for (const { classes } of imageNetSubsets) {
      for (const { wnid, index, name } of classes) {
        expect(wnid).toMatch(/^n\d{8}$/);
        expect(index).toBeGreaterThanOrEqual(0);
        expect(index).toBeLessThan(1000);
        expect(name).toMatch(/^[A-Za-z .'-]+$/);
      }
      expect(new Set(classes.map(({ wnid }) => wnid)).size).toBe(classes.length);
    }
    expect(imageNetSubsets.map(({ classes }) => classes.length)).toEqual([10, 10, 10, 100, 1000]);
  });

  it('number the classes in the order of the wnids, as ImageNet does', () => {
    const all = [
      ...new Map(imageNetSubsets.flatMap(({ classes }) => classes).map((entry) => [entry.wnid, entry])).values(),
    ];
    all.sort((a, b) => (a.wnid < b.wnid ? -1 : 1));
    for (let k = 1; k < all.length; k++) expect(all[k]!.index).toBeGreaterThan(all[k - 1]!.index);
  });

  it('keep the published label order', () => {
    expect(imageWoof.classes.map(({ index }) => index)).toEqual([193, 182, 258, 162, 155, 167, 159, 273, 207, 229]);
    expect(imageNette.classes.map(({ index }) => index)).toEqual([0, 217, 482, 491, 497, 566, 569, 571, 574, 701]);
    expect(imageIdc.classes.map(({ name }) => name)).toEqual([
      'bonnet',
      'green mamba',
      'langur',
      'Doberman',
      'gyromitra',
      'Saluki',
      'vacuum',
      'window screen',
      'cocktail shaker',
      'garden spider',
    ]);
    expect(imageNet100.classes.at(-1)).toEqual({ wnid: 'n02090622', index: 169, name: 'borzoi' });
  });
});
