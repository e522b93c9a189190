import { describe, expect, it } from 'vitest';
import { catalogue, itemNamed, tablesOf } from '../../src/experiments/catalogue';
import { publishedEvidence } from '../../src/experiments/claims';
import { isExhibit } from '../../src/experiments/exhibit';
import { placesOf } from '../../src/experiments/experiment';

const claiming = catalogue.filter(({ claims }) => claims.length > 0);
describe.each(claiming.map((one) => [one.name, one] as const))('%s', (_, item) => {
  it.each(item.claims.map(({ says }, i) => [says, i] as const))('%s As the paper has it', (_, i) => {
    const { onPublished } = item.claims[i]!;
    if (onPublished === 'not in the text') {
      expect(item.published?.rows ?? []).toEqual([]);
      return;
    }
    const judged = isExhibit(item)
      ? item.claims[i]!.test(item.published!.rows)
      : item.claims[i]!.test(publishedEvidence(item.published!));
    expect(judged.holds).toBe(onPublished);
  });
});

describe.each(tablesOf(catalogue).map((one) => [one.name, one] as const))('%s', (_, experiment) => {
  it('has published figures in places of its own', () => {
    const known = new Set(placesOf(experiment).map((place) => JSON.stringify(place)));
    const { published, axes, controls } = experiment;
    // A paper's table may hold methods that are no cells yet; everything else about the place must be known.
    const strange = (published?.rows ?? []).filter(({ at }) => {
      if (controls && !axes[controls]!.some((value) => value === at[controls])) return false;
      return !known.has(JSON.stringify(Object.fromEntries(Object.keys(axes).map((axis) => [axis, at[axis]]))));
    });
    expect(strange).toEqual([]);
  });
});

describe('itemNamed', () => {
  it('names those there are', () => {
    expect(() => itemNamed('table-66')).toThrow(/Expected an experiment among .*table-6/);
  });
});
