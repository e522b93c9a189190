/** Some classes of a dataset as one of their own. */
import { describe, expect, it } from 'vitest';
import { classRange, loadImages } from '../../src/datasets';
import { smallDataset } from '../methods/small-dataset';

describe('classRange', () => {
  const dataset = smallDataset({ classes: ['cup', 'jug', 'pot', 'pan'], perClass: 3 });
  const middle = classRange(dataset, { first: 1, count: 2 });

  it('has the images of these classes, labelled from 0', async () => {
    expect(middle).toMatchObject({ classes: ['jug', 'pot'], size: 8, name: 'small, classes 1 to 2' });
    expect([...middle.labels]).toEqual([0, 1, 0, 1, 0, 1]);
    expect(Array.from(middle.labels.keys(), (i) => middle.id(i))).toEqual(
      [1, 2, 5, 6, 9, 10].map((i) => dataset.id(i)),
    );
    const whole = dataset.subset([1, 2, 5, 6, 9, 10]);
    expect((await loadImages(middle)).pixels).toEqual((await loadImages(whole)).pixels);
    const last = middle.subset([3, 5]);
    expect([...last.labels, last.classes.length, last.id(1)]).toEqual([1, 1, 2, dataset.id(10)]);
  });

  it('has a fingerprint of its own', () => {
    const ranges = [middle, classRange(dataset, { first: 0, count: 2 }), classRange(dataset, { first: 1, count: 1 })];
    expect(new Set([dataset, ...ranges].map(({ fingerprint }) => fingerprint)).size).toBe(4);
  });

  it('refuses classes that there are not', () => {
    expect(() => classRange(dataset, { first: 3, count: 2 })).toThrow(
      "Expected 2 of the 4 classes of 'small' from number 3 on, got 1.",
    );
  });
});
