import { expect, it } from 'vitest';
import { bytesText, duration, fixed } from '../../src/common';

it.each([
  [0, '0 ms'],
  [0.0123, '12 ms'],
  [0.4, '0.4 s'],
  [9.96, '10 s'],
  [75, '75 s'],
  [89.6, '1.5 min'],
  [151, '2.5 min'],
  [720, '12 min'],
  [5400, '1.5 h'],
  [12_600, '3.5 h'],
  [100 * 3600, '4.2 days'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [12_345, '12.3 kB'],
  [12_300_000, '12.3 MB'],
  [5e15, '5000.0 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it.each([
  [-0.3, 0, '0'],
  [-0.04, 1, '0.0'],
  [-0.6, 0, '-1'],
  [12.345, 2, '12.35'],
])('%d with %d decimals is %s: a zero has no sign', (value, digits, text) => {
  expect(fixed(value, digits)).toBe(text);
});
