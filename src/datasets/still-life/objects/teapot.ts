import { type Brush, ellipse, line, rectangle, shape, tube } from '../brush';
import { css, darker, glaze, lighter, metal, wood } from '../colour';
import { decorate } from './decoration';
import type { Thing } from './thing';

/** A round-bellied pot. */
function round(brush: Brush): string {
  const colour = glaze(brush.random);
  const outline = 'M-30 6C-30 -24 -16 -28 0 -28C16 -28 30 -24 30 6C30 28 18 36 0 36C-18 36 -30 28 -30 6Z';
  return (
    tube('M-25 -12C-50 -20 -52 24 -24 20', colour, 6.5) +
    shape(
      'M24 2C40 0 34 -22 48 -26L52 -20C44 -14 46 18 24 22Z',
      brush.fall(lighter(colour, 0.2), darker(colour, 0.25)),
      colour,
    ) +
    shape(outline, brush.round(colour), colour) +
    decorate(brush, outline, colour) +
    ellipse(0, -27, 18, 5.5, brush.round(lighter(colour, 0.15)), colour) +
    ellipse(0, -36, 5.5, 5, brush.ball(colour), colour)
  );
}

/** A tall pot for coffee, spout like a swan's neck. */
function tall(brush: Brush): string {
  const colour = glaze(brush.random);
  const outline = 'M-15 -32L-24 36Q-1 44 22 36L13 -32Z';
  return (
    tube('M-17 -24C-46 -26 -44 20 -22 22', colour, 6) +
    shape(
      'M18 8C34 6 26 -28 42 -34L47 -30C40 -22 42 24 20 28Z',
      brush.fall(lighter(colour, 0.2), darker(colour, 0.25)),
      colour,
    ) +
    shape(outline, brush.round(colour), colour) +
    decorate(brush, outline, colour) +
    shape('M-16 -32Q-14 -42 -1 -43Q12 -42 14 -32Q-1 -27 -16 -32Z', brush.round(lighter(colour, 0.15)), colour) +
    ellipse(-1, -46, 4.5, 4.5, brush.ball(colour), colour)
  );
}

/** A squat iron kettle, its handle an arch over the lid. */
function kettle(brush: Brush): string {
  const colour = brush.random.uniform() < 0.6 ? metal(brush.random) : darker(glaze(brush.random), 0.35);
  const outline = 'M-38 14C-38 -8 -24 -14 0 -14C24 -14 38 -8 38 14C38 32 28 40 0 40C-28 40 -38 32 -38 14Z';
  return (
    tube('M-28 -8C-32 -58 32 -58 28 -8', darker(colour, 0.3), 5.5) +
    shape('M32 4L50 -12L54 -6L38 24Z', brush.fall(lighter(colour, 0.2), darker(colour, 0.2)), colour) +
    shape(outline, brush.round(colour), colour) +
    decorate(brush, outline, colour) +
    ellipse(0, -13, 20, 5, brush.round(lighter(colour, 0.15)), colour) +
    ellipse(0, -20, 5, 5, brush.ball(wood(brush.random)), colour)
  );
}

/** A stove-top pot in two facetted halves. */
function moka(brush: Brush): string {
  const colour = brush.random.uniform() < 0.7 ? metal(brush.random) : glaze(brush.random);
  const grip = darker(wood(brush.random), 0.4);
  return (
    line('M16 -30L38 -28L34 8', darker(grip, 0.5), 10) +
    line('M16 -30L38 -28L34 8', grip, 7) +
    shape('M-26 44L-18 4L14 4L24 44Q-1 49 -26 44Z', brush.round(colour), colour) +
    shape('M-18 2L-24 -28L-33 -33L-22 -36L18 -36L14 2Z', brush.round(lighter(colour, 0.1)), colour) +
    line('M-9 5L-11 45M6 5L10 45M-8 0L-10 -34M5 0L7 -34', darker(colour, 0.35), 1.8) +
    rectangle(-20, 0, 36, 5, css(darker(colour, 0.3)), colour) +
    shape('M-22 -36L-3 -46L18 -36Z', brush.round(colour), colour) +
    ellipse(-2, -47, 4, 4, css(grip), grip)
  );
}

export const teapot: Thing = {
  name: 'teapot',
  modes: [
    { name: 'round', share: 0.4, tilt: 14, draw: round },
    { name: 'tall', share: 0.3, tilt: 14, draw: tall },
    { name: 'kettle', share: 0.2, tilt: 12, draw: kettle },
    { name: 'moka', share: 0.1, tilt: 14, draw: moka },
  ],
};
