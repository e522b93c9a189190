import { describe, expect, it } from 'vitest';
import { roundSvg } from '../../src/charts/round-svg';

describe('roundSvg', () => {
  it('rounds coordinates, paths and angles to hundredths', () => {
    const svg =
      '<svg width="100.123456"><path transform="translate(1.23456,-7.0001) rotate(142.2243)" d="M0.4999,3.12345e-7L10,2.5"/></svg>';
    expect(roundSvg(svg)).toBe(
      '<svg width="100.12"><path transform="translate(1.23,-7) rotate(142.22)" d="M0.5,0L10,2.5"/></svg>',
    );
  });
  it('leaves words, and what is said of a mark, as they are', () => {
    const svg = '<g aria-label="x: 0.123456"><text x="1.98765" opacity="0.1234">d="0.123456" is 0.123456</text></g>';
    expect(roundSvg(svg)).toBe(svg.replace('1.98765', '1.99'));
  });
});
