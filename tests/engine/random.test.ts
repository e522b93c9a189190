import { describe, expect, it } from 'vitest';
import { gaussianNoise, philox4x32, RandomStream } from '../../src/engine/random';

const hex = (words: readonly number[]) => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('philox4x32', () => {
  // Random123, tests/kat_vectors, the lines "philox4x32 10": counter, key, result.
  const ones = 0xffffffff;
  it.each([
    { counter: [0, 0, 0, 0], key: [0, 0], result: '6627e8d5 e169c58d bc57ac4c 9b00dbd8' },
    { counter: [ones, ones, ones, ones], key: [ones, ones], result: '408f276d 41c83b0e a20bc7c6 6d5451fd' },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      result: 'd16cfe09 94fdcceb 5001e420 24126ea1',
    },
  ] as const)('gives the published answer $result', ({ counter, key, result }) => {
    expect(hex(philox4x32(counter, key))).toBe(result);
  });
});

describe('RandomStream', () => {
  const words = (stream: RandomStream) => Array.from({ length: 9 }, () => stream.uint32());

  it('depends on seed and path alone', () => {
    expect(words(new RandomStream(3, 'a', 1))).toEqual(words(new RandomStream(3, 'a', 1)));
    expect(words(new RandomStream(4, 'a', 1))).not.toEqual(words(new RandomStream(3, 'a', 1)));
    expect(words(new RandomStream(3, 'a', 2))).not.toEqual(words(new RandomStream(3, 'a', 1)));
  });

  it('keeps paths apart that would read the same when joined', () => {
    const paths = [['ab'], ['a', 'b'], ['a', 'b', ''], ['ab', 0], ['a', 98], [98, 'a'], ['1'], [1]];
    const firsts = paths.map((path) => hex(words(new RandomStream(0, ...path))));
    expect(new Set(firsts).size).toBe(paths.length);
  });

  it('gives a child the same numbers whatever was drawn from its parent', () => {
    const parent = new RandomStream(7, 'p');
    const before = words(parent.child('c'));
    parent.normal();
    expect(words(parent.child('c'))).toEqual(before);
    expect(words(new RandomStream(7, 'p', 'c'))).toEqual(before);
  });

  it('has the moments of the standard normal', () => {
    const values = new RandomStream(1, 'moments').fillNormal(new Float32Array(200_000));
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.01);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(moment(3))).toBeLessThan(0.03);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.1);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it('fills the same values as it draws one by one', () => {
    const filled = new RandomStream(5).fillNormal(new Float32Array(11));
    const drawn = new RandomStream(5);
    expect([...filled]).toEqual(Array.from({ length: 11 }, () => Math.fround(drawn.normal())));
  });

  it('draws integers evenly and inside the range', () => {
    const stream = new RandomStream(2);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[stream.integer(7)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
    expect(() => stream.integer(0)).toThrow('got 0');
  });

  it('permutes: each number once, in another order', () => {
    const order = new RandomStream(9).permutation(100);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect([...order]).not.toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe('gaussianNoise', () => {
  it('belongs to seed, item and timestep', () => {
    const noise = (seed: number, item: string, timestep: number) => [
      ...gaussianNoise({ seed, item, timestep, size: 6 }),
    ];
    expect(noise(0, 'x', 10)).toEqual(noise(0, 'x', 10));
    for (const other of [noise(1, 'x', 10), noise(0, 'y', 10), noise(0, 'x', 11)])
      expect(other).not.toEqual(noise(0, 'x', 10));
  });
});
