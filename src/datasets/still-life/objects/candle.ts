import { type Brush, ellipse, line, place, rectangle, shape, tube } from '../brush';
import { type Colour, css, darker, glaze, lighter, metal, mix } from '../colour';
import type { Thing } from './thing';

const ivory: Colour = [240, 230, 206];
const wax = (brush: Brush) => (brush.random.uniform() < 0.45 ? ivory : mix(glaze(brush.random), ivory, 0.3));

/** A flame with its wick; the foot of the wick is at 0, 0. */
function flame(): string {
  return (
    line('M0 0L0 -5', [50, 36, 30], 2.4) +
    shape('M0 -25C9 -13 9 -3 0 -2C-9 -3 -9 -13 0 -25Z', css([250, 166, 52]), [214, 110, 40], 1.2) +
    shape('M0 -16C4 -10 4 -4 0 -3C-4 -4 -4 -10 0 -16Z', css([255, 246, 200]))
  );
}

/** A taper in a chamber stick with a ring for the finger. */
function chamberstick(brush: Brush): string {
  const colour = wax(brush);
  const stick = brush.random.uniform() < 0.6 ? metal(brush.random) : glaze(brush.random);
  return (
    `<ellipse cx="36" cy="34" rx="10" ry="8" fill="none" stroke="${css(darker(stick, 0.25))}" stroke-width="5"/>` +
    ellipse(0, 38, 34, 9, brush.round(stick), stick) +
    rectangle(-11, 20, 22, 17, brush.round(stick), stick, 2) +
    rectangle(-7.5, -22, 15, 43, brush.round(colour), colour, 2) +
    place(flame(), 0, -22, 1.05)
  );
}

/** A thick candle, wax running down its side. */
function pillar(brush: Brush): string {
  const colour = wax(brush);
  return (
    ellipse(0, 43, 30, 6.5, brush.round(metal(brush.random)), [90, 80, 70]) +
    shape('M-22 -16L-22 40Q0 47 22 40L22 -16Z', brush.round(colour), colour) +
    shape(
      'M-22 -16C-22 -22 22 -22 22 -16L22 4C18 12 15 8 15 -2C10 -8 6 -4 5 8C2 18 -4 16 -4 4C-8 -6 -14 -4 -15 4C-18 10 -22 6 -22 -2Z',
      css(lighter(colour, 0.45)),
      colour,
      1,
    ) +
    ellipse(0, -16, 17, 4, css(mix(colour, [250, 190, 90], 0.5))) +
    place(flame(), 0, -16, 1.2)
  );
}

/** Three arms, three flames. */
function candelabrum(brush: Brush): string {
  const stick = metal(brush.random);
  const colour = wax(brush);
  const taper = (x: number, y: number) =>
    rectangle(x - 4.5, y - 22, 9, 22, brush.round(colour), colour) +
    rectangle(x - 8, y - 3, 16, 6, brush.round(stick), stick, 2) +
    place(flame(), x, y - 22, 0.72);
  return (
    tube('M-32 -4C-32 20 -10 16 0 16C10 16 32 20 32 -4', stick, 5) +
    tube('M0 -8L0 38', stick, 5.5) +
    ellipse(0, 42, 22, 6, brush.round(stick), stick) +
    taper(-32, -4) +
    taper(32, -4) +
    taper(0, -10)
  );
}

/** A candle in a glass jar. */
function jar(brush: Brush): string {
  const colour = wax(brush);
  const glass = mix(glaze(brush.random), [206, 220, 224], 0.6);
  const outline = 'M-29 -30L-29 36Q-28 42 0 42Q28 42 29 36L29 -30Z';
  return (
    shape(outline, css(lighter(glass, 0.25)), glass) +
    brush.clip(outline, rectangle(-32, 4, 64, 44, brush.round(colour))) +
    place(flame(), 0, 5, 1.1) +
    rectangle(-17, 14, 34, 17, css(lighter(glaze(brush.random), 0.5)), colour, 2) +
    ellipse(0, -30, 29, 6, css(lighter(glass, 0.5)), glass) +
    line('M-23 -20L-23 28', [255, 255, 250], 3)
  );
}

export const candle: Thing = {
  name: 'candle',
  modes: [
    { name: 'chamberstick', share: 0.4, tilt: 10, draw: chamberstick },
    { name: 'pillar', share: 0.3, tilt: 10, draw: pillar },
    { name: 'candelabrum', share: 0.2, tilt: 10, draw: candelabrum },
    { name: 'jar', share: 0.1, tilt: 12, draw: jar },
  ],
};
