import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogue, experimentNamed } from '../../src/experiments/catalogue';
import { publishedEvidence } from '../../src/experiments/claims';
import { placesOf } from '../../src/experiments/experiment';

describe.each(catalogue.map((one) => [one.name, one] as const))('%s', (_, experiment) => {
  const places = placesOf(experiment);

  it('has published figures in places of its own', () => {
    const known = new Set(places.map((place) => JSON.stringify(place)));
    const { published, axes, controls } = experiment;
    // A paper's table may hold methods that are no cells yet; everything else about the place must be known.
    const strange = (published?.rows ?? []).filter(({ at }) => {
      const values = axes[controls]!;
      const known_ = values.some((value) => value === at[controls]);
      return (
        known_ && !known.has(JSON.stringify(Object.fromEntries(Object.keys(axes).map((axis) => [axis, at[axis]]))))
      );
    });
    expect(strange).toEqual([]);
  });

  it.each(experiment.claims.map((claim) => [claim.says, claim] as const))('%s As the paper has it', (_, claim) => {
    const { published } = experiment;
    if (claim.onPublished === 'not in the text') {
      expect(published?.rows ?? []).toEqual([]);
      return;
    }
    expect(claim.test(publishedEvidence(published!)).holds).toBe(claim.onPublished);
  });

  it('has a notebook of its name', () => {
    const folder = {
      'diffusion-driven selection': 'diffusion-driven-selection/',
      'self-adaptive memory': 'self-adaptive-memory/',
      stillhouse: '',
    };
    const notebook = new URL(`../../notebooks/${folder[experiment.paper]}${experiment.name}.ipynb`, import.meta.url);
    expect(existsSync(fileURLToPath(notebook))).toBe(true);
  });
});

describe('experimentNamed', () => {
  it('names those there are', () => {
    expect(() => experimentNamed('table-66')).toThrow(/Expected an experiment among .*table-6/);
  });
});
