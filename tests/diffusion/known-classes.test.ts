import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LatentDiffusion, readKnownClasses, requireKnownClasses, UnknownClassError } from '../../src/diffusion';
import { temporaryFolder } from '../helpers/temporary';
import { tinyPrior } from './tiny-prior';

const folder = temporaryFolder();

describe('the classes that a prior knows', () => {
  it('travel with its folder', async () => {
    const saved = join(folder, 'kettles');
    const prior = tinyPrior({ classes: ['kettle', 'copper kettle'] });
    await prior.save(saved);
    expect((await LatentDiffusion.load(saved)).classes).toEqual(prior.classes);
  });

  it('are all, where its folder names none', async () => {
    const saved = join(folder, 'open');
    await tinyPrior().save(saved);
    const prior = await LatentDiffusion.load(saved);
    expect(prior.classes).toBeUndefined();
    expect(() => prior.requireClasses(['anything'])).not.toThrow();
  });

  it('are the only ones that it answers for: the error names both sides and the remedy', () => {
    expect(() => requireKnownClasses(['cup', 'jug'], ['jug'])).not.toThrow();
    const ask = () => requireKnownClasses(['cup', 'jug'], ['jug', 'Cup', 'kettle']);
    expect(ask).toThrow(UnknownClassError);
    expect(ask).toThrow(/trained on \('cup', 'jug'\), got 'Cup', 'kettle'\. .*npx stillhouse train-prior FOLDER/);
  });

  it('are named a dozen at most', () => {
    const many = Array.from({ length: 100 }, (_, i) => `class ${i}`);
    expect(() => requireKnownClasses(['cup'], many)).toThrow(/'class 11' and 88 more\./);
  });

  it.each(['{"classes": []}', '["cup"]', '{"classes": ['])('in a file with %s are an error that names it', (text) => {
    writeFileSync(join(folder, 'classes.json'), text);
    expect(() => readKnownClasses(folder)).toThrow(/classes\.json to hold/);
  });
});
