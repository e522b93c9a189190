import { type Brush, ellipse, line, n, place, shape, tube } from '../brush';
import { type Colour, css, darker, glaze, hsl, lighter } from '../colour';
import { decorate } from './decoration';
import type { Thing } from './thing';

/** Two handles, narrow foot. */
function amphora(brush: Brush): string {
  const colour = glaze(brush.random);
  const outline = 'M-13 -46L13 -46L10 -30C30 -20 34 4 12 36L14 46L-14 46L-12 36C-34 4 -30 -20 -10 -30Z';
  return (
    tube('M-11 -40C-38 -42 -36 -14 -26 -8', colour, 5) +
    tube('M11 -40C38 -42 36 -14 26 -8', colour, 5) +
    shape(outline, brush.round(colour), colour) +
    decorate(brush, outline, colour) +
    ellipse(0, -46, 14, 4, css(darker(colour, 0.45)), colour)
  );
}

/** A bulb with a long slim neck. */
function bottle(brush: Brush): string {
  const colour = glaze(brush.random);
  const outline = 'M-8 -50L8 -50L7 -14C26 -6 34 10 30 26C27 40 16 46 0 46C-16 46 -27 40 -30 26C-34 10 -26 -6 -7 -14Z';
  return (
    shape(outline, brush.round(colour), colour) +
    decorate(brush, outline, colour) +
    ellipse(0, -50, 8.5, 3, css(darker(colour, 0.5)), colour)
  );
}

function flower(brush: Brush, petal: Colour): string {
  const petals = brush.random.choice([5, 6, 8]);
  let svg = '';
  for (let k = 0; k < petals; k++) {
    const angle = (k / petals) * 2 * Math.PI;
    svg += ellipse(6.5 * Math.cos(angle), 6.5 * Math.sin(angle), 5.2, 5.2, css(k & 1 ? petal : lighter(petal, 0.2)));
  }
  return svg + ellipse(0, 0, 4.6, 4.6, css([226, 176, 58]), [150, 100, 30]);
}

/** A pot-bellied vase full of flowers. */
function bouquet(brush: Brush): string {
  const { random } = brush;
  const colour = glaze(random);
  const petal = hsl(random.choice([350, 12, 45, 285, 220, 330]), 0.7, random.uniform(0.5, 0.75));
  const outline = 'M-13 2L13 2C30 12 28 46 0 46C-28 46 -30 12 -13 2Z';
  const heads: [number, number][] = [
    [-22, -26],
    [0, -38],
    [22, -26],
    [-9, -14],
    [11, -15],
  ];
  const leaf = hsl(random.uniform(95, 140), 0.38, 0.34);
  let svg = '';
  for (const [x, y] of heads) svg += line(`M${n(x * 0.2)} 4Q${n(x * 0.4)} -10 ${x} ${y}`, leaf, 3);
  svg += shape('M-4 2C-24 2 -36 -6 -40 -14C-26 -16 -10 -10 -4 2Z', css(leaf), leaf, 1);
  svg += shape('M4 2C24 2 36 -6 40 -14C26 -16 10 -10 4 2Z', css(lighter(leaf, 0.15)), leaf, 1);
  svg += shape(outline, brush.round(colour), colour) + decorate(brush, outline, colour);
  for (const [x, y] of heads)
    svg += place(
      flower(brush, petal),
      x + random.uniform(-3, 3),
      y + random.uniform(-3, 3),
      random.uniform(0.95, 1.2),
      random.uniform(0, 60),
    );
  return svg;
}

/** A trumpet: flared rim, fluted body. */
function trumpet(brush: Brush): string {
  const colour = glaze(brush.random);
  const outline = 'M-32 -46C-14 -34 -14 10 -18 34L-24 46L24 46L18 34C14 10 14 -34 32 -46Z';
  return (
    shape(outline, brush.round(colour), colour) +
    line('M-8 -30C-5 0 -6 20 -9 42M0 -32L0 43M8 -30C5 0 6 20 9 42', darker(colour, 0.35), 1.8) +
    ellipse(0, -46, 32, 6.5, css(lighter(colour, 0.3)), colour) +
    ellipse(0, -45, 25, 4, css(darker(colour, 0.55)))
  );
}

export const vase: Thing = {
  name: 'vase',
  modes: [
    { name: 'bottle', share: 0.4, tilt: 12, draw: bottle },
    { name: 'amphora', share: 0.3, tilt: 14, draw: amphora },
    { name: 'bouquet', share: 0.2, tilt: 10, draw: bouquet },
    { name: 'trumpet', share: 0.1, tilt: 12, draw: trumpet },
  ],
};
