import { type Brush, ellipse, line, rectangle, shape, tube } from '../brush';
import { type Colour, css, darker, glaze, lighter, metal } from '../colour';
import { decorate } from './decoration';
import type { Thing } from './thing';

const warm: Colour = [255, 226, 150];

/** A cloth shade on a turned foot. */
function table(brush: Brush): string {
  const shade = glaze(brush.random);
  const foot = brush.random.uniform() < 0.5 ? metal(brush.random) : glaze(brush.random);
  const outline = 'M-20 -46L20 -46L36 0L-36 0Z';
  return (
    shape('M-4 0L4 0L4 12C16 20 14 34 5 40L-5 40C-14 34 -16 20 -4 12Z', brush.round(foot), foot) +
    ellipse(0, 43, 20, 5.5, brush.round(foot), foot) +
    shape(outline, brush.round(lighter(shade, 0.3), 0.7), shade) +
    decorate(brush, outline, shade) +
    brush.clip(outline, ellipse(0, 6, 30, 18, brush.glow(warm, 0.95)))
  );
}

/** A jointed arm with a cone at its end. */
function desk(brush: Brush): string {
  const colour = brush.random.uniform() < 0.4 ? metal(brush.random) : glaze(brush.random);
  const arm = darker(metal(brush.random), 0.2);
  return (
    ellipse(-14, 42, 25, 6.5, brush.round(colour), colour) +
    tube('M-14 40L-30 2L4 -30', arm, 4.5) +
    ellipse(-30, 2, 5, 5, css(arm), arm) +
    shape(
      'M-2 -40L14 -44C34 -36 44 -22 46 -6L8 6C2 -8 -2 -24 -2 -40Z',
      brush.fall(lighter(colour, 0.3), darker(colour, 0.2)),
      colour,
    ) +
    shape('M8 6C14 -8 36 -16 46 -6C42 6 20 14 8 6Z', css(warm), colour) +
    ellipse(27, 1, 7.5, 5.5, css([255, 248, 222]))
  );
}

/** A lantern: a flame behind glass, a ring to carry it. */
function lantern(brush: Brush): string {
  const colour = darker(brush.random.uniform() < 0.6 ? metal(brush.random) : glaze(brush.random), 0.25);
  return (
    `<circle cx="0" cy="-42" r="8" fill="none" stroke="${css(darker(colour, 0.4))}" stroke-width="4.5"/>` +
    shape('M-12 -34L12 -34L26 -18L-26 -18Z', brush.round(colour), colour) +
    rectangle(-21, -18, 42, 52, brush.fall([238, 214, 150], [250, 190, 96]), colour) +
    shape('M0 -6C9 8 9 22 0 24C-9 22 -9 8 0 -6Z', css([255, 250, 224]), [240, 150, 40]) +
    line('M-20 -18L-20 34M20 -18L20 34M-7 -18L-7 34M7 -18L7 34', darker(colour, 0.25), 3.4) +
    rectangle(-26, 33, 52, 11, brush.round(colour), colour, 2)
  );
}

/** A dome on a stem, like a mushroom. */
function mushroom(brush: Brush): string {
  const colour = glaze(brush.random);
  const stem = brush.random.uniform() < 0.6 ? lighter(colour, 0.35) : metal(brush.random);
  return (
    shape('M-9 -8L9 -8L13 36Q24 40 22 46Q0 51 -22 46Q-24 40 -13 36Z', brush.round(stem), stem) +
    ellipse(0, -6, 34, 7, css(warm), colour) +
    shape('M-42 -6C-42 -34 -22 -46 0 -46C22 -46 42 -34 42 -6Q0 -14 -42 -6Z', brush.ball(colour), colour) +
    line('M-26 -22C-22 -32 -14 -37 -6 -39', lighter(colour, 0.75), 3.4)
  );
}

export const lamp: Thing = {
  name: 'lamp',
  modes: [
    { name: 'table lamp', share: 0.4, tilt: 12, draw: table },
    { name: 'desk lamp', share: 0.3, tilt: 10, draw: desk },
    { name: 'lantern', share: 0.2, tilt: 16, draw: lantern },
    { name: 'mushroom lamp', share: 0.1, tilt: 10, draw: mushroom },
  ],
};
