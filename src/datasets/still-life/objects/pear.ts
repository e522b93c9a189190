import { type Brush, ellipse, line, n, place, shape } from '../brush';
import { type Colour, css, darker, jitter, lighter, mix } from '../colour';
import type { Thing } from './thing';

const outline =
  'M0 -38C11 -38 13 -26 15 -14C18 -2 33 4 33 22C33 38 18 46 0 46C-18 46 -33 38 -33 22C-33 4 -18 -2 -15 -14C-13 -26 -11 -38 0 -38Z';
const slim =
  'M0 -46C8 -46 10 -32 12 -18C15 0 27 8 27 25C27 39 15 46 0 46C-15 46 -27 39 -27 25C-27 8 -15 0 -12 -18C-10 -32 -8 -46 0 -46Z';

const skins: readonly Colour[] = [
  [158, 172, 72],
  [206, 190, 82],
  [224, 196, 76],
  [176, 150, 66],
];

function stem(leafy: boolean): string {
  const leaf: Colour = [92, 128, 60];
  return (
    line('M0 -36C0 -44 3 -48 6 -51', [92, 62, 40], 4) +
    (leafy ? shape('M3 -44C14 -56 28 -52 32 -44C24 -36 12 -36 3 -44Z', css(leaf), leaf, 1) : '')
  );
}

function freckles(brush: Brush, colour: Colour): string {
  let svg = '';
  for (let k = 0; k < 12; k++)
    svg += `<circle cx="${n(brush.random.uniform(-22, 22))}" cy="${n(brush.random.uniform(0, 42))}" r="${n(brush.random.uniform(0.7, 1.5))}" fill="${css(darker(colour, 0.45))}"/>`;
  return svg;
}

/** A whole pear, freckled, one cheek red. */
function whole(brush: Brush): string {
  const colour = jitter(brush.random.choice(skins), brush.random);
  const cheek = brush.random.uniform(-24, 24);
  return (
    stem(brush.random.uniform() < 0.5) +
    shape(outline, brush.ball(colour), colour) +
    brush.clip(
      outline,
      ellipse(cheek, 24, 22, 26, brush.glow([196, 82, 52], brush.random.uniform(0.2, 0.75))) + freckles(brush, colour),
    ) +
    line('M-14 6C-20 12 -22 18 -22 24', lighter(colour, 0.7), 3.6)
  );
}

/** A slim brown or red pear. */
function russet(brush: Brush): string {
  const colour = jitter(
    brush.random.choice<Colour>([
      [150, 96, 52],
      [162, 60, 54],
      [128, 92, 58],
    ]),
    brush.random,
  );
  return (
    line('M0 -44C-1 -48 -3 -50 -6 -52', [70, 48, 34], 4) +
    shape(slim, brush.ball(colour), colour) +
    brush.clip(slim, freckles(brush, lighter(colour, 0.5))) +
    line('M-10 6C-15 12 -17 18 -17 24', lighter(colour, 0.6), 3.4)
  );
}

/** A pear cut in half: pale flesh, core and pips. */
function half(brush: Brush): string {
  const colour = jitter(brush.random.choice(skins), brush.random);
  const flesh: Colour = mix([246, 238, 206], colour, 0.08);
  const pip: Colour = [74, 46, 34];
  return (
    stem(false) +
    shape(outline, css(flesh), colour, 1) +
    `<path d="${outline}" fill="none" stroke="${css(colour)}" stroke-width="5"/>` +
    shape('M0 2C12 8 14 24 0 34C-14 24 -12 8 0 2Z', css(darker(flesh, 0.14)), flesh, 1) +
    line('M0 -30L0 4', darker(flesh, 0.2), 2) +
    place(ellipse(0, 0, 3.2, 5.6, css(pip)), -5, 18, 1, 18) +
    place(ellipse(0, 0, 3.2, 5.6, css(pip)), 5, 18, 1, -18)
  );
}

/** Two pears leaning on each other. */
function pair(brush: Brush): string {
  const one = (colour: Colour) =>
    stem(false) + shape(outline, brush.ball(colour), colour) + brush.clip(outline, freckles(brush, colour));
  const colour = () => jitter(brush.random.choice(skins), brush.random);
  return place(one(colour()), -18, 6, 0.78, -14) + place(one(colour()), 18, 9, 0.74, 22);
}

export const pear: Thing = {
  name: 'pear',
  modes: [
    { name: 'whole', share: 0.4, tilt: 30, draw: whole },
    { name: 'russet', share: 0.3, tilt: 45, draw: russet },
    { name: 'half', share: 0.2, tilt: 60, draw: half },
    { name: 'pair', share: 0.1, tilt: 12, draw: pair },
  ],
};
