import { type Brush, ellipse, line, n, place, rectangle, shape } from './brush';
import { type Colour, css, darker, glaze, hsl, ink, lighter, metal, white, wood } from './colour';

/** Small things that lie about in any scene, drawn in the box −10 … 10. They belong to no class. */
const small: readonly ((brush: Brush) => string)[] = [
  function coin(brush) {
    const colour = metal(brush.random);
    return ellipse(0, 0, 8, 7, brush.ball(colour), colour) + ellipse(0, 0, 5, 4.2, css(lighter(colour, 0.25)));
  },
  function button(brush) {
    const colour = glaze(brush.random);
    const hole = css(darker(colour, 0.6));
    return (
      ellipse(0, 0, 8, 8, brush.ball(colour), colour) +
      ellipse(-2.4, 0, 1.5, 1.5, hole) +
      ellipse(2.4, 0, 1.5, 1.5, hole)
    );
  },
  function ring(brush) {
    const colour = brush.random.uniform() < 0.5 ? metal(brush.random) : glaze(brush.random);
    const circle = (width: number, tone: Colour) =>
      `<circle r="7" fill="none" stroke="${css(tone)}" stroke-width="${width}"/>`;
    return circle(5, darker(colour, 0.5)) + circle(3, colour);
  },
  function leaf(brush) {
    const colour = hsl(brush.random.uniform(40, 140), 0.42, brush.random.uniform(0.3, 0.5));
    return (
      shape('M-10 2C-6 -9 6 -9 10 -2C5 8 -5 8 -10 2Z', css(colour), colour, 1) +
      line('M-9 2Q0 -2 9 -2', darker(colour, 0.35), 1)
    );
  },
  function pebble(brush) {
    const colour = hsl(brush.random.uniform(0, 360), 0.08, brush.random.uniform(0.35, 0.7));
    return shape('M-9 2C-8 -7 2 -8 8 -3C11 4 3 8 -3 7C-7 7 -9 5 -9 2Z', brush.ball(colour), colour, 1.2);
  },
  function bead(brush) {
    const colour = glaze(brush.random);
    return ellipse(0, 0, 6.5, 6.5, brush.ball(colour), colour);
  },
  function die(brush) {
    const colour = brush.random.uniform() < 0.5 ? white : glaze(brush.random);
    const spot = css(darker(colour, 0.75));
    return (
      rectangle(-7, -7, 14, 14, brush.fall(lighter(colour, 0.3), darker(colour, 0.15)), colour, 2.5) +
      [-3.6, 0, 3.6].map((x) => ellipse(x, x, 1.5, 1.5, spot)).join('')
    );
  },
  function pencil(brush) {
    const colour = glaze(brush.random);
    return (
      rectangle(-14, -2.4, 22, 4.8, css(colour), colour) +
      shape('M8 -2.4L14 0L8 2.4Z', css([226, 196, 150]), colour, 1) +
      shape('M12 -0.9L14.5 0L12 0.9Z', css(ink))
    );
  },
  function spoon(brush) {
    const colour = metal(brush.random);
    return (
      line('M-4 0L16 0', darker(colour, 0.25), 3) + ellipse(-9, 0, 6.5, 4.6, brush.ball(lighter(colour, 0.2)), colour)
    );
  },
  function scrap(brush) {
    const colour = brush.random.uniform() < 0.6 ? lighter(glaze(brush.random), 0.7) : glaze(brush.random);
    return rectangle(-9, -6.5, 18, 13, css(colour), colour) + line('M-5.5 -2h11M-5.5 2h7', darker(colour, 0.4), 1.3);
  },
  function ribbon(brush) {
    const colour = glaze(brush.random);
    return (
      line('M-12 4C-6 -8 -2 8 4 -2S12 -6 13 2', darker(colour, 0.35), 4.6) +
      line('M-12 4C-6 -8 -2 8 4 -2S12 -6 13 2', colour, 3.2)
    );
  },
  function berries(brush) {
    const colour = hsl(brush.random.choice([350, 275, 225, 110]), 0.55, 0.4);
    return (
      line('M-4 2Q0 -8 3 -10M5 3Q3 -6 3 -10', [86, 108, 60], 1.5) +
      ellipse(-4.5, 4, 4.8, 4.8, brush.ball(colour), colour) +
      ellipse(5, 5, 4.8, 4.8, brush.ball(colour), colour)
    );
  },
  function dish(brush) {
    const colour = lighter(glaze(brush.random), 0.45);
    return ellipse(0, 0, 11, 8, brush.round(colour), colour) + ellipse(0, -0.6, 7.5, 5, css(darker(colour, 0.18)));
  },
  function thimble(brush) {
    const colour = brush.random.uniform() < 0.5 ? metal(brush.random) : glaze(brush.random);
    return shape('M-6 8L-4 -6Q0 -9 4 -6L6 8Q0 10.5 -6 8Z', brush.round(colour), colour, 1.3);
  },
  function block(brush) {
    const colour = brush.random.uniform() < 0.5 ? wood(brush.random) : glaze(brush.random);
    return (
      shape('M-8 -3L0 -8L9 -4L1 1Z', css(lighter(colour, 0.35)), colour, 1) +
      shape('M-8 -3L1 1L1 10L-8 6Z', css(colour), colour, 1) +
      shape('M9 -4L1 1L1 10L9 5Z', css(darker(colour, 0.3)), colour, 1)
    );
  },
  function shell(brush) {
    const colour = lighter(glaze(brush.random), 0.5);
    return (
      shape('M0 8C-8 4 -11 -4 -7 -7C-3 -10 3 -10 7 -7C11 -4 8 4 0 8Z', brush.ball(colour), colour, 1.2) +
      line('M0 7L-5 -6M0 7L0 -8M0 7L5 -6', darker(colour, 0.35), 1)
    );
  },
];

/** One small thing with its shadow, about 20 across at scale 1. */
export function trifle(brush: Brush): string {
  const { random } = brush;
  const draw = random.choice(small);
  const turned = `<g transform="rotate(${n(random.uniform(-180, 180))})">${draw(brush)}</g>`;
  return ellipse(-2.5 * brush.light, 3.5, 12, 9, brush.shadow(0.5)) + turned;
}

/** What hangs on walls: a framed picture, a plate, a pennant line. About 20 across at scale 1. */
export function hanging(brush: Brush): string {
  const { random } = brush;
  const colour = random.uniform() < 0.5 ? wood(random) : metal(random);
  const kind = random.integer(3);
  if (kind === 0) {
    const [sky, land] = [lighter(glaze(random), 0.4), darker(glaze(random), 0.2)];
    const [width, height] = [random.uniform(14, 22), random.uniform(14, 22)];
    const picture =
      rectangle(-width / 2, -height / 2, width, height, css(sky)) +
      rectangle(-width / 2, n2(height * 0.1), width, height * 0.4, css(land)) +
      ellipse(width * 0.18, -height * 0.12, 2.6, 2.6, css(lighter(glaze(random), 0.3)));
    return rectangle(-width / 2 - 2.6, -height / 2 - 2.6, width + 5.2, height + 5.2, css(colour), colour) + picture;
  }
  if (kind === 1) {
    const plate = lighter(glaze(random), 0.4);
    return ellipse(0, 0, 11, 11, brush.ball(plate), plate) + ellipse(0, 0, 6.6, 6.6, css(darker(plate, 0.12)));
  }
  const flags = [-1, 0, 1].map((k) => {
    const tone = glaze(random);
    return place(shape('M-4.5 0L4.5 0L0 9Z', css(tone), tone, 1), k * 11, k === 0 ? 3 : 1);
  });
  return line('M-20 -2Q0 7 20 -2', darker(colour, 0.4), 1.4) + flags.join('');
}

const n2 = (value: number) => Math.round(value * 100) / 100;
