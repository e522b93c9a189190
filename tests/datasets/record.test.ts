import { describe, expect, it } from 'vitest';
import { annotated, stillLife } from '../../src/datasets';
import { smallDataset } from '../methods/small-dataset';

describe('annotated', () => {
  it('gives the dataset itself, and names one without ground truth', () => {
    const world = stillLife({ split: 'test', perClass: 1, size: 16 });
    expect(annotated(world)).toBe(world);
    expect(() => annotated(smallDataset())).toThrow(/'small' has none/);
  });
});
