import { type Brush, line, n } from '../brush';
import { type Colour, css, glaze, lighter, white } from '../colour';

/** Painted decoration of a vessel, clipped to its outline: bands, dots, a zigzag, or none. The same for all classes. */
export function decorate(brush: Brush, outline: string, body: Colour): string {
  const { random } = brush;
  const kind = random.integer(5);
  const paint = random.uniform() < 0.5 ? lighter(body, 0.75) : random.uniform() < 0.5 ? white : glaze(random);
  const y = random.uniform(-6, 14);
  if (kind === 0) return '';
  if (kind === 1) {
    const gap = random.uniform(7, 11);
    const bands = [-1, 0, 1].map((k) =>
      line(`M-60 ${n(y + k * gap)}Q0 ${n(y + k * gap + 7)} 60 ${n(y + k * gap)}`, paint, 3.2),
    );
    return brush.clip(outline, bands.join(''));
  }
  if (kind === 2) {
    let dots = '';
    for (let row = -1; row <= 1; row++)
      for (let x = -44; x <= 44; x += 12)
        dots += `<circle cx="${n(x + (row & 1) * 6)}" cy="${n(y + row * 11)}" r="3.1" fill="${css(paint)}"/>`;
    return brush.clip(outline, dots);
  }
  if (kind === 3) {
    let d = `M-54 ${n(y)}`;
    for (let x = -54, up = true; x < 54; x += 9, up = !up) d += `L${x + 9} ${n(y + (up ? -7 : 7))}`;
    return brush.clip(outline, line(d, paint, 3.4));
  }
  return brush.clip(
    outline,
    `<rect x="-60" y="${n(y)}" width="120" height="60" fill="${css(paint)}" fill-opacity=".82"/>`,
  );
}
