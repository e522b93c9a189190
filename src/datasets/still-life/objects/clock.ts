import { type Brush, ellipse, line, n, rectangle, shape } from '../brush';
import { type Colour, css, darker, glaze, ink, lighter, metal, mix, white, wood } from '../colour';
import type { Thing } from './thing';

/** A dial: marks and two hands at a random hour. */
function dial(brush: Brush, cx: number, cy: number, radius: number, face: Colour): string {
  const hand = face[0] + face[1] + face[2] > 330 ? ink : white;
  let marks = '';
  for (let hour = 0; hour < 12; hour += brush.random.choice([1, 3])) {
    const angle = (hour / 6) * Math.PI;
    const [x, y] = [Math.sin(angle), Math.cos(angle)];
    marks += `M${n(cx + 0.76 * radius * x)} ${n(cy + 0.76 * radius * y)}L${n(cx + 0.9 * radius * x)} ${n(cy + 0.9 * radius * y)}`;
  }
  const [hours, minutes] = [brush.random.uniform(0, 6.283), brush.random.uniform(0, 6.283)];
  const end = (angle: number, length: number) =>
    `M${n(cx)} ${n(cy)}L${n(cx + length * Math.sin(angle))} ${n(cy - length * Math.cos(angle))}`;
  return (
    ellipse(cx, cy, radius, radius, css(face), darker(face, 0.2)) +
    line(marks, hand, radius * 0.09) +
    line(end(hours, radius * 0.48), hand, radius * 0.13) +
    line(end(minutes, radius * 0.72), hand, radius * 0.1) +
    ellipse(cx, cy, radius * 0.09, radius * 0.09, css(hand))
  );
}

const face = (brush: Brush): Colour =>
  brush.random.uniform() < 0.75 ? mix(white, glaze(brush.random), 0.1) : darker(glaze(brush.random), 0.4);

/** Two bells, a hammer and feet. */
function alarm(brush: Brush): string {
  const colour = brush.random.uniform() < 0.4 ? metal(brush.random) : glaze(brush.random);
  const bell = metal(brush.random);
  return (
    line('M-20 30L-28 44M20 30L28 44', darker(colour, 0.35), 7) +
    shape('M-38 -22C-42 -44 -14 -48 -8 -36Z', brush.ball(bell), bell) +
    shape('M38 -22C42 -44 14 -48 8 -36Z', brush.ball(bell), bell) +
    line('M0 -30L0 -44', darker(bell, 0.4), 4) +
    ellipse(0, -45, 5, 3.5, css(bell), bell) +
    ellipse(0, 6, 36, 36, brush.ball(colour), colour) +
    dial(brush, 0, 6, 28, face(brush))
  );
}

/** A round clock for the wall. */
function wall(brush: Brush): string {
  const colour = brush.random.uniform() < 0.5 ? wood(brush.random) : glaze(brush.random);
  return ellipse(0, 0, 42, 42, brush.ball(colour), colour) + dial(brush, 0, 0, 34, face(brush));
}

/** An arched wooden case for the mantelpiece. */
function mantel(brush: Brush): string {
  const colour = wood(brush.random);
  const gold = metal(brush.random);
  return (
    shape('M-34 34L-34 -4C-34 -50 34 -50 34 -4L34 34Z', brush.round(colour), colour) +
    line('M-27 32L-27 -4C-27 -40 27 -40 27 -4L27 32', lighter(colour, 0.3), 1.8) +
    rectangle(-42, 33, 84, 11, brush.round(darker(colour, 0.15)), colour, 2) +
    ellipse(0, -6, 25, 25, brush.ball(gold), gold) +
    dial(brush, 0, -6, 21, face(brush))
  );
}

/** A pocket watch on its chain. */
function pocketWatch(brush: Brush): string {
  const colour = metal(brush.random);
  return (
    line('M0 -34C10 -54 36 -50 40 -32C44 -12 50 -10 46 8', darker(colour, 0.55), 5.5) +
    `<path d="M0 -34C10 -54 36 -50 40 -32C44 -12 50 -10 46 8" fill="none" stroke="${css(lighter(colour, 0.3))}" stroke-width="3.4" stroke-dasharray="4 3"/>` +
    rectangle(-6, -31, 12, 12, brush.round(colour), colour, 2) +
    ellipse(0, 12, 34, 34, brush.ball(colour), colour) +
    dial(brush, 0, 12, 26, face(brush))
  );
}

export const clock: Thing = {
  name: 'clock',
  modes: [
    { name: 'alarm clock', share: 0.4, tilt: 16, draw: alarm },
    { name: 'wall clock', share: 0.3, tilt: 30, draw: wall },
    { name: 'mantel clock', share: 0.2, tilt: 8, draw: mantel },
    { name: 'pocket watch', share: 0.1, tilt: 60, draw: pocketWatch },
  ],
};
