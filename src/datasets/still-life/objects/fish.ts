import { type Brush, ellipse, line, n, place, shape } from '../brush';
import { type Colour, css, darker, glaze, ink, lighter, mix, white } from '../colour';
import type { Thing } from './thing';

const silver: Colour = [158, 172, 182];

function eye(x: number, y: number, size = 4.4): string {
  return ellipse(x, y, size, size, css(white), ink) + ellipse(x - 0.6, y, size * 0.52, size * 0.52, css(ink));
}

/** Rows of scales, clipped to the body. */
function scales(brush: Brush, body: string, colour: Colour): string {
  let d = '';
  for (let x = -14, row = 0; x <= 26; x += 8, row++)
    for (let y = -24 + (row & 1) * 5; y <= 24; y += 10) d += `M${x} ${n(y)}q6 5 0 10`;
  return brush.clip(body, line(d, darker(colour, 0.3), 1.5));
}

/** A slim silver fish, dark back. */
function herring(brush: Brush): string {
  const colour = mix(silver, glaze(brush.random), brush.random.uniform(0.05, 0.5));
  const body = 'M-48 0C-36 -18 -8 -22 16 -12L32 -3L32 5L16 12C-8 20 -36 16 -48 0Z';
  return (
    shape('M28 0L50 -18C46 -4 46 6 50 19Z', css(darker(colour, 0.2)), colour) +
    shape('M-8 -17C0 -28 12 -26 16 -12Z', css(darker(colour, 0.2)), colour) +
    shape('M-6 16C0 26 10 24 12 12Z', css(darker(colour, 0.2)), colour) +
    shape(body, brush.fall(darker(colour, 0.35), lighter(colour, 0.65)), colour) +
    scales(brush, body, colour) +
    line('M-27 -10C-22 -4 -22 5 -27 10', darker(colour, 0.5), 2) +
    eye(-37, -3)
  );
}

/** A round goldfish with veils for fins. */
function goldfish(brush: Brush): string {
  const colour = brush.random.choice<Colour>([
    [226, 122, 46],
    [206, 74, 50],
    [232, 176, 84],
  ]);
  const fin = lighter(colour, 0.35);
  const body = 'M-42 2C-36 -26 6 -30 22 -4L22 8C6 30 -34 28 -42 2Z';
  return (
    shape('M16 2C30 -34 46 -34 50 -26C42 -16 40 -6 44 2C42 10 44 22 50 32C42 38 28 32 16 2Z', css(fin), colour) +
    shape('M-14 -21C-8 -40 14 -38 16 -14Z', css(fin), colour) +
    shape('M-12 20C-6 38 8 38 10 18Z', css(fin), colour) +
    shape(body, brush.ball(colour), colour) +
    scales(brush, body, colour) +
    shape('M-10 4C2 0 8 8 4 16C-4 16 -10 12 -10 4Z', css(fin), colour, 1.2) +
    eye(-28, -4, 5.4)
  );
}

/** A tall striped fish of the reef. */
function angelfish(brush: Brush): string {
  const colour = glaze(brush.random);
  const stripe = brush.random.uniform() < 0.5 ? darker(colour, 0.65) : lighter(colour, 0.75);
  const body = 'M-44 4C-28 -14 -14 -26 12 -48C14 -30 16 -16 26 -4L26 10C16 20 14 32 12 48C-14 32 -28 18 -44 4Z';
  return (
    shape('M22 3L46 -14C42 -4 42 10 46 20Z', css(lighter(colour, 0.3)), colour) +
    shape(body, brush.ball(colour), colour) +
    brush.clip(body, line('M-22 -40L-22 40M-4 -50L-4 50M14 -50L14 50', stripe, 6.5)) +
    eye(-31, 1)
  );
}

/** A fish served on a plate. */
function plated(brush: Brush): string {
  const plate = lighter(glaze(brush.random), brush.random.uniform(0.55, 0.9));
  return (
    ellipse(0, 0, 48, 40, css(plate), plate) +
    ellipse(0, 0, 37, 30, css(darker(plate, 0.12))) +
    place(herring(brush), 0, 0, 0.84, -12) +
    ellipse(10, 21, 7, 6, css([232, 202, 84]), [190, 150, 40])
  );
}

export const fish: Thing = {
  name: 'fish',
  modes: [
    { name: 'herring', share: 0.4, tilt: 40, draw: herring },
    { name: 'goldfish', share: 0.3, tilt: 24, draw: goldfish },
    { name: 'angelfish', share: 0.2, tilt: 20, draw: angelfish },
    { name: 'plated', share: 0.1, tilt: 25, draw: plated },
  ],
};
