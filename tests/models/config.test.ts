import { describe, expect, it } from 'vitest';
import { perBlock, readConfig } from '../../src/models/config';

const rules = {
  name: 'Still',
  defaults: { copper: 1, coils: [1, 2] as readonly number[] },
  fixed: { fuel: ['peat', 'coal'], lid: [null] },
  ignored: ['colour'],
};

describe('readConfig', () => {
  it('merges what is given over the defaults, into an object of its own', () => {
    const config = readConfig({ coils: [3], fuel: 'coal', lid: null, colour: 'red', _class_name: 'Still' }, rules);
    expect(config).toEqual({ copper: 1, coils: [3] });
    config.copper = 5;
    expect(rules.defaults.copper).toBe(1);
  });

  it('names every key that is unknown or has a value that is not supported', () => {
    expect(() => readConfig({ fuel: 'oil', lid: 2, steam: true }, rules)).toThrow(
      `Expected a Still config that is supported whole: 'fuel' is "oil", supported: "peat", "coal"; 'lid' is 2, supported: null; 'steam' (true) is not known. Use a model without these settings.`,
    );
  });
});

describe('perBlock', () => {
  it('repeats one value and takes a list of the right length', () => {
    expect(perBlock(2, 3, 'layers')).toEqual([2, 2, 2]);
    expect(perBlock([1, 2], 2, 'layers')).toEqual([1, 2]);
    expect(() => perBlock([1, 2], 3, 'layers')).toThrow("Expected 'layers' to have one value, or 3 (one per block)");
  });
});
