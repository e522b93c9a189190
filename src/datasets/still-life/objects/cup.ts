import { type Brush, ellipse, line, rectangle, shape, tube } from '../brush';
import { type Colour, css, darker, glaze, lighter, mix, white } from '../colour';
import { decorate } from './decoration';
import type { Thing } from './thing';

const drinks: readonly Colour[] = [
  [74, 44, 30],
  [150, 96, 52],
  [196, 164, 120],
  [126, 60, 36],
];
const drink = (brush: Brush) => css(brush.random.choice(drinks));

/** A straight mug, its handle at the side. */
function mug(brush: Brush): string {
  const colour = glaze(brush.random);
  const outline = 'M-38 -34L-36 30C-35 40 17 40 18 30L20 -34Z';
  return (
    tube('M18 -18C50 -24 48 24 17 20', colour, 8.5) +
    shape(outline, brush.round(colour), colour) +
    decorate(brush, outline, colour) +
    ellipse(-9, -34, 29, 8.5, css(lighter(colour, 0.4)), colour) +
    ellipse(-9, -33, 24.5, 6, drink(brush))
  );
}

/** A bowl-shaped cup on a saucer. */
function teacup(brush: Brush): string {
  const colour = glaze(brush.random);
  const saucer = brush.random.uniform() < 0.6 ? colour : glaze(brush.random);
  const outline = 'M-34 -26C-34 8 -22 27 -3 27C16 27 28 8 28 -26Z';
  return (
    ellipse(-2, 28, 48, 11, brush.round(lighter(saucer, 0.2)), saucer) +
    ellipse(-2, 27, 28, 5.5, css(darker(saucer, 0.25))) +
    tube('M26 -16C48 -22 46 10 22 9', colour, 6) +
    shape(outline, brush.round(colour), colour) +
    decorate(brush, outline, colour) +
    ellipse(-3, -26, 31, 8, css(lighter(colour, 0.45)), colour) +
    ellipse(-3, -25, 27, 5.6, drink(brush))
  );
}

/** A paper cup with lid and sleeve. */
function paperCup(brush: Brush): string {
  const colour = lighter(glaze(brush.random), 0.55);
  const sleeve = glaze(brush.random);
  const lid = brush.random.uniform() < 0.5 ? white : darker(sleeve, 0.45);
  return (
    shape('M-30 -34L-22 46Q0 52 22 46L30 -34Z', brush.round(colour), colour) +
    shape('M-28 -12L-24 24Q0 30 24 24L28 -12Q0 -6 -28 -12Z', brush.round(sleeve), sleeve) +
    shape('M-35 -34Q-35 -41 -30 -41L-27 -49Q0 -53 27 -49L30 -41Q35 -41 35 -34Q0 -28 -35 -34Z', brush.round(lid), lid)
  );
}

/** A goblet: bowl, stem and foot. */
function goblet(brush: Brush): string {
  const glass = mix(glaze(brush.random), [214, 226, 230], 0.72);
  const wine = brush.random.choice<Colour>([
    [122, 26, 46],
    [222, 178, 84],
    [206, 104, 92],
  ]);
  const bowl = 'M-27 -48C-32 -12 -20 8 0 8C20 8 32 -12 27 -48Z';
  return (
    ellipse(0, 43, 24, 6.5, brush.round(glass), glass) +
    rectangle(-4, 4, 8, 40, brush.round(glass), glass) +
    shape(bowl, brush.round(glass), glass) +
    brush.clip(bowl, rectangle(-34, -24, 68, 40, brush.round(wine, 0.7))) +
    ellipse(0, -48, 27, 5.5, css(lighter(glass, 0.5)), glass) +
    line('M-17 -40C-20 -20 -16 -8 -10 -2', white, 3)
  );
}

export const cup: Thing = {
  name: 'cup',
  modes: [
    { name: 'mug', share: 0.4, tilt: 16, draw: mug },
    { name: 'teacup', share: 0.3, tilt: 10, draw: teacup },
    { name: 'paper cup', share: 0.2, tilt: 18, draw: paperCup },
    { name: 'goblet', share: 0.1, tilt: 14, draw: goblet },
  ],
};
