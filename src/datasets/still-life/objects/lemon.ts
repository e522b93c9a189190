import { type Brush, ellipse, line, n, place, shape } from '../brush';
import { type Colour, css, darker, jitter, lighter } from '../colour';
import type { Thing } from './thing';

const outline =
  'M-47 2C-44 -4 -40 -8 -36 -12C-28 -27 -14 -31 0 -31C14 -31 28 -27 36 -12C40 -8 44 -5 47 0C44 5 40 9 36 13C28 27 14 31 0 31C-14 31 -28 27 -36 13C-40 9 -44 7 -47 2Z';

const skins: readonly Colour[] = [
  [234, 198, 62],
  [222, 180, 54],
  [206, 196, 78],
  [172, 182, 70],
];
const skin = (brush: Brush): Colour => jitter(brush.random.choice(skins), brush.random);

function pores(brush: Brush, colour: Colour): string {
  let svg = '';
  for (let k = 0; k < 16; k++)
    svg += `<circle cx="${n(brush.random.uniform(-34, 34))}" cy="${n(brush.random.uniform(-22, 24))}" r="1.1" fill="${css(darker(colour, 0.28))}"/>`;
  return svg;
}

function fruit(brush: Brush, colour: Colour): string {
  return (
    shape(outline, brush.ball(colour), colour) +
    brush.clip(outline, pores(brush, colour)) +
    line('M-20 -14C-14 -19 -8 -21 -2 -21', lighter(colour, 0.8), 3.6)
  );
}

/** A whole lemon. */
const whole = (brush: Brush) => fruit(brush, skin(brush));

/** A cut lemon: eight segments in a white ring. */
function cut(brush: Brush): string {
  const colour = skin(brush);
  let segments = '';
  for (let k = 0; k < 8; k++) {
    const [a, b] = [(k * Math.PI) / 4 + 0.12, ((k + 1) * Math.PI) / 4 - 0.12];
    const at = (angle: number, r: number) => `${n(r * Math.cos(angle))} ${n(r * Math.sin(angle))}`;
    segments += shape(
      `M${at((a + b) / 2, 5)}L${at(a, 30)}A30 30 0 0 1 ${at(b, 30)}Z`,
      css(k & 1 ? colour : lighter(colour, 0.22)),
    );
  }
  return (
    ellipse(0, 0, 42, 42, css(colour), colour) +
    ellipse(0, 0, 36, 36, css([250, 244, 216])) +
    segments +
    ellipse(0, 0, 4, 4, css([250, 244, 216]))
  );
}

/** A wedge. */
function wedge(brush: Brush): string {
  const colour = skin(brush);
  return (
    shape('M-48 -16C-40 40 40 40 48 -16Z', brush.ball(colour), colour) +
    shape('M-42 -16C-34 28 34 28 42 -16Z', css([250, 244, 216])) +
    shape('M-37 -15L-4 -15L-7 15C-22 14 -34 2 -37 -15Z', css(lighter(colour, 0.15))) +
    shape('M37 -15L4 -15L7 15C22 14 34 2 37 -15Z', css(lighter(colour, 0.15))) +
    shape('M-2 -15L2 -15L5 15L-5 15Z', css(lighter(colour, 0.3))) +
    line('M-46 -17L46 -17', darker(colour, 0.2), 2.6)
  );
}

/** A lemon with its twig and two leaves. */
function twig(brush: Brush): string {
  const leaf: Colour = jitter([84, 122, 62], brush.random);
  const blade = 'M0 0C10 -16 30 -16 40 -4C28 8 10 10 0 0Z';
  return (
    line('M20 -14C26 -24 32 -30 40 -34', [96, 70, 44], 4) +
    place(
      shape(blade, brush.fall(lighter(leaf, 0.2), leaf), leaf) + line('M4 -1L34 -4', darker(leaf, 0.3), 1.6),
      26,
      -22,
      0.75,
      -70,
    ) +
    place(
      shape(blade, brush.fall(leaf, darker(leaf, 0.2)), leaf) + line('M4 -1L34 -4', darker(leaf, 0.3), 1.6),
      27,
      -22,
      0.7,
      8,
    ) +
    place(fruit(brush, skin(brush)), -8, 12, 0.88, -24)
  );
}

export const lemon: Thing = {
  name: 'lemon',
  modes: [
    { name: 'whole', share: 0.4, tilt: 80, draw: whole },
    { name: 'cut', share: 0.3, tilt: 180, draw: cut },
    { name: 'wedge', share: 0.2, tilt: 40, draw: wedge },
    { name: 'twig', share: 0.1, tilt: 40, draw: twig },
  ],
};
