import { type Brush, ellipse, line, n, rectangle, shape } from '../brush';
import { type Colour, css, darker, glaze, ink, lighter, metal } from '../colour';
import type { Thing } from './thing';

const paper: Colour = [240, 230, 208];

/** A closed book, cover to the front. */
function closed(brush: Brush): string {
  const colour = glaze(brush.random);
  const gold = lighter(metal(brush.random), 0.3);
  const emblem = brush.random.integer(3);
  return (
    shape('M-30 -38L36 -38L36 44L-30 44Z', css(paper), paper) +
    line('M-24 41L34 41M33 -34L33 40', darker(paper, 0.25), 1.4) +
    rectangle(-34, -44, 64, 82, brush.round(colour, 0.55), colour, 2) +
    rectangle(-34, -44, 10, 82, css(darker(colour, 0.32))) +
    `<rect x="-18" y="-37" width="42" height="68" fill="none" stroke="${css(gold)}" stroke-width="2.2"/>` +
    (emblem === 0
      ? ellipse(3, -6, 10, 10, css(gold))
      : emblem === 1
        ? line('M-10 -24L16 -24M-6 -16L12 -16M-8 20L14 20', gold, 3)
        : shape('M3 -22L17 -4L3 14L-11 -4Z', css(gold)))
  );
}

/** An open book, lines of text on both pages. */
function open(brush: Brush): string {
  const colour = glaze(brush.random);
  const leaf = lighter(paper, brush.random.uniform(0, 0.6));
  let text = '';
  for (let y = -18; y <= 20; y += 7.6) {
    const short = brush.random.uniform(0, 10);
    text += `M-40 ${n(y - 3)}Q-24 ${n(y - 8)} -7 ${n(y)}M7 ${n(y)}Q24 ${n(y - 8)} ${n(40 - short)} ${n(y - 3 - short * 0.1)}`;
  }
  return (
    shape('M-50 -27L50 -27L50 33L0 38L-50 33Z', css(colour), colour) +
    shape(
      'M0 -25C-14 -36 -34 -35 -46 -30L-46 27C-34 22 -14 22 0 32Z',
      brush.fall(leaf, darker(leaf, 0.12)),
      paper,
      1.2,
    ) +
    shape('M0 -25C14 -36 34 -35 46 -30L46 27C34 22 14 22 0 32Z', brush.fall(leaf, darker(leaf, 0.2)), paper, 1.2) +
    line(text, darker(paper, 0.6), 2.1) +
    line('M0 -25L0 32', darker(paper, 0.5), 1.8)
  );
}

/** Three books lying on each other. */
function stack(brush: Brush): string {
  let svg = '';
  let y = 40;
  for (let k = 0; k < 3; k++) {
    const colour = glaze(brush.random);
    const height = brush.random.uniform(19, 25);
    const width = brush.random.uniform(70, 90) - 5 * k;
    const x = brush.random.uniform(-7, 7) - width / 2;
    svg +=
      rectangle(x, y - height, width, height, css(colour), colour, 2) +
      rectangle(
        x + width * 0.16,
        y - height + 4.5,
        width * 0.86,
        height - 9,
        brush.fall(paper, darker(paper, 0.3)),
        paper,
      ) +
      line(
        `M${n(x + width * 0.2)} ${n(y - height / 2)}L${n(x + width)} ${n(y - height / 2)}`,
        darker(paper, 0.3),
        1.4,
      ) +
      rectangle(x, y - height, width * 0.16, height, css(darker(colour, 0.22)));
    y -= height;
  }
  return svg;
}

/** A row of spines, the last one leaning. */
function row(brush: Brush): string {
  const { random } = brush;
  let svg = '';
  let x = -44;
  for (let k = 0; k < 3; k++) {
    const colour = glaze(random);
    const [width, height] = [random.uniform(17, 22), random.uniform(66, 84)];
    const gold = lighter(metal(random), 0.35);
    svg +=
      rectangle(x, 42 - height, width, height, brush.round(colour, 0.8), colour, 1.5) +
      line(
        `M${n(x + 3)} ${n(52 - height)}h${n(width - 6)}M${n(x + 3)} ${n(57 - height)}h${n(width - 6)}M${n(x + 3)} 32h${n(width - 6)}`,
        gold,
        2.4,
      );
    x += width;
  }
  const last = glaze(random);
  return `${svg}<g transform="translate(${n(x + 12)} 42) rotate(-11)">${rectangle(0, -72, 16, 72, brush.round(last, 0.8), last, 1.5)}${line('M3 -62h10M3 -12h10', lighter(ink, 0.8), 2.4)}</g>`;
}

export const book: Thing = {
  name: 'book',
  modes: [
    { name: 'closed', share: 0.4, tilt: 35, draw: closed },
    { name: 'open', share: 0.3, tilt: 14, draw: open },
    { name: 'stack', share: 0.2, tilt: 6, draw: stack },
    { name: 'row', share: 0.1, tilt: 5, draw: row },
  ],
};
