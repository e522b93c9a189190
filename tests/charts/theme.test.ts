import { describe, expect, it } from 'vitest';
import { parseColour } from '../../src/charts/colormap';
import {
  INK,
  NEUTRAL,
  NEUTRALS,
  ownConfig,
  PALETTE,
  seriesColours,
  themeConfig,
  withOwnConfig,
} from '../../src/charts/theme';

const linear = (colour: string) =>
  parseColour(colour).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
const luminance = ([r, g, b]: number[]) => 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

/** Full dichromacy on linear RGB (Machado, Oliveira and Fernandes 2009). */
const VISION = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanope: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranope: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** Oklab (Ottosson 2020) of linear RGB. */
function oklab([r, g, b]: number[]): number[] {
  const l = Math.cbrt(0.4122214708 * r! + 0.5363325363 * g! + 0.0514459929 * b!);
  const m = Math.cbrt(0.2119034982 * r! + 0.6806995451 * g! + 0.1073969566 * b!);
  const s = Math.cbrt(0.0883024619 * r! + 0.2817188376 * g! + 0.6299787005 * b!);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

describe('the palette', () => {
  it.each([...PALETTE, NEUTRAL, ...NEUTRALS])('%s stands out from white and from a dark page', (colour) => {
    expect(contrast(colour, '#ffffff')).toBeGreaterThanOrEqual(3);
    expect(contrast(colour, '#111111')).toBeGreaterThanOrEqual(3);
  });
  it.each(Object.entries(VISION))(
    'keeps its first five colours, and four with the neutral one, apart for: %s',
    (_, matrix) => {
      for (const colours of [PALETTE.slice(0, 5), [...PALETTE.slice(0, 4), NEUTRAL]]) {
        const seen = colours.map((colour) => {
          const rgb = linear(colour);
          return oklab(
            matrix.map((row) => Math.min(1, Math.max(0, row[0]! * rgb[0]! + row[1]! * rgb[1]! + row[2]! * rgb[2]!))),
          );
        });
        for (const [i, a] of seen.entries()) {
          for (const b of seen.slice(0, i))
            expect(Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!)).toBeGreaterThan(0.08);
        }
      }
    },
  );
  it('has ink that is legible on both pages when it does not know which it is on', () => {
    expect(contrast(INK.either.ink, '#ffffff')).toBeGreaterThan(4.2);
    expect(contrast(INK.either.ink, '#111111')).toBeGreaterThan(4.2);
  });
  it('gives grey to what is compared with, and does not spend a colour on it', () => {
    expect(seriesColours(['random', 'a', 'b'], ['random'])).toEqual([NEUTRAL, PALETTE[0], PALETTE[1]]);
    expect(seriesColours(['a', 'random', 'oracle'], ['random', 'oracle'])).toEqual([
      PALETTE[0],
      NEUTRALS[0],
      NEUTRALS[1],
    ]);
  });
  it('keeps the colour of a series that has one, and gives it to no other', () => {
    const colours = { ours: PALETTE[0], RDED: PALETTE[1] };
    expect(seriesColours(['x', 'RDED', 'random', 'y'], ['random'], colours)).toEqual([
      PALETTE[2],
      PALETTE[1],
      NEUTRAL,
      PALETTE[3],
    ]);
    // Where none of them is drawn, their colours are free.
    expect(seriesColours(['5', '10'], [], colours)).toEqual([PALETTE[0], PALETTE[1]]);
    const all = Object.fromEntries(PALETTE.map((colour, i) => [`${i}`, colour]));
    expect(seriesColours([...Object.keys(all), 'one more'], [], all).at(-1)).toBe(PALETTE[0]);
  });
});

describe('the look of a chart', () => {
  it('is exchanged as a whole, and leaves what a chart has set for itself', () => {
    const config = {
      ...themeConfig('either'),
      axis: { ...(themeConfig('either').axis as object), labelFontSize: 20 },
      bar: { color: 'red' },
    };
    expect(ownConfig(themeConfig('either'))).toBeUndefined();
    expect(ownConfig(config)).toEqual({ axis: { labelFontSize: 20 }, bar: { color: 'red' } });
    expect(withOwnConfig('dark', config)).toMatchObject({
      background: INK.dark.background,
      axis: { labelFontSize: 20, labelColor: INK.dark.quiet },
      bar: { color: 'red' },
    });
  });
});
