import sharp from 'sharp';
import { expect, it } from 'vitest';
import { Brush } from '../../../src/datasets/still-life/brush';
import { measures } from '../../../src/datasets/still-life/measures';
import { things } from '../../../src/datasets/still-life/objects';
import { RandomStream } from '../../../src/engine/random';

/** Covered area and bounds of one individual, in its box of −50 … 50. */
async function measure(label: number, mode: number, individual: number) {
  const brush = new Brush(new RandomStream(5, 'measure', label, mode, individual), 1, 'm');
  const drawing = things[label]!.modes[mode]!.draw(brush);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="240" viewBox="-60 -60 120 120"><defs>${brush.defs.join('')}</defs>${drawing}</svg>`;
  const pixels = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer();
  const measured = { area: 0, left: 60, top: 60, right: -60, bottom: -60 };
  for (let k = 0; k < 240 * 240; k++)
    if (pixels[4 * k + 3]! >= 128) {
      const [x, y] = [(k % 240) / 2 - 60, Math.floor(k / 240) / 2 - 60];
      measured.area += 0.25;
      measured.left = Math.min(measured.left, x);
      measured.right = Math.max(measured.right, x);
      measured.top = Math.min(measured.top, y);
      measured.bottom = Math.max(measured.bottom, y);
    }
  return measured;
}

const cases = things.flatMap((thing, label) =>
  thing.modes.map((mode, k) => ({ name: `${thing.name}, ${mode.name}`, label, k })),
);

it.each(cases)('the table knows area and bounds of $name', async ({ label, k }) => {
  const table = measures[label]![k]!;
  const measured = await measure(label, k, 1);
  expect(Math.abs(measured.area / table.area - 1)).toBeLessThan(0.15);
  for (const side of ['left', 'top', 'right', 'bottom'] as const)
    expect(Math.abs(measured[side] - table[side])).toBeLessThan(10);
});

it('the shares of the modes of each class add up to 1', () => {
  for (const { modes } of things) expect(modes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
});
