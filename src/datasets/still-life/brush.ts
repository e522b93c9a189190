import type { RandomStream } from '../../engine/random';
import { type Colour, css, darker, lighter } from './colour';

/** A number as short as SVG needs it. */
export const n = (value: number) => String(Math.round(value * 100) / 100);

/**
 * Draws the parts of one thing in SVG. Things live in a box of −50 … 50, y downwards; light falls from the left
 * (`light` = 1) or the right (−1). Gradients are collected in `defs` under ids of this brush's own.
 */
export class Brush {
  readonly defs: string[] = [];
  private ids = 0;

  constructor(
    readonly random: RandomStream,
    readonly light: 1 | -1,
    private readonly prefix: string,
  ) {}

  private define(make: (id: string) => string): string {
    const id = `${this.prefix}${this.ids++}`;
    this.defs.push(make(id));
    return `url(#${id})`;
  }

  /** Fill of something round about an upright axis: bright on the lit side, dark on the other. */
  round(colour: Colour, contrast = 1): string {
    const [from, to] = this.light === 1 ? ['0', '1'] : ['1', '0'];
    return this.define(
      (id) =>
        `<linearGradient id="${id}" x1="${from}" x2="${to}" y1="0" y2="0"><stop offset="0" stop-color="${css(darker(colour, 0.12 * contrast))}"/><stop offset=".28" stop-color="${css(lighter(colour, 0.34 * contrast))}"/><stop offset=".55" stop-color="${css(colour)}"/><stop offset="1" stop-color="${css(darker(colour, 0.5 * contrast))}"/></linearGradient>`,
    );
  }

  /** Fill of a ball. */
  ball(colour: Colour): string {
    return this.define(
      (id) =>
        `<radialGradient id="${id}" cx="${0.5 - 0.18 * this.light}" cy=".34" r=".72"><stop offset="0" stop-color="${css(lighter(colour, 0.5))}"/><stop offset=".4" stop-color="${css(colour)}"/><stop offset="1" stop-color="${css(darker(colour, 0.5))}"/></radialGradient>`,
    );
  }

  /** Fill that falls from one colour to another, downwards. */
  fall(top: Colour, bottom: Colour): string {
    return this.define(
      (id) =>
        `<linearGradient id="${id}" x1="0" x2="0" y1="0" y2="1"><stop offset="0" stop-color="${css(top)}"/><stop offset="1" stop-color="${css(bottom)}"/></linearGradient>`,
    );
  }

  /** Dark spot that fades to nothing: a contact shadow. */
  shadow(opacity: number): string {
    return this.define(
      (id) =>
        `<radialGradient id="${id}"><stop offset="0" stop-color="#120c10" stop-opacity="${n(opacity)}"/><stop offset=".55" stop-color="#120c10" stop-opacity="${n(opacity * 0.6)}"/><stop offset="1" stop-color="#120c10" stop-opacity="0"/></radialGradient>`,
    );
  }

  /** Bright spot that fades to nothing: the glow of a flame or a bulb. */
  glow(colour: Colour, opacity: number): string {
    return this.define(
      (id) =>
        `<radialGradient id="${id}"><stop offset="0" stop-color="${css(colour)}" stop-opacity="${n(opacity)}"/><stop offset="1" stop-color="${css(colour)}" stop-opacity="0"/></radialGradient>`,
    );
  }

  /** Clips `content` to the path `d`. */
  clip(d: string, content: string): string {
    const url = this.define((id) => `<clipPath id="${id}"><path d="${d}"/></clipPath>`);
    return `<g clip-path="${url}">${content}</g>`;
  }
}

/** A filled path, with an outline a shade darker when `edge` is given. */
export function shape(d: string, fill: string, edge?: Colour, width = 1.6): string {
  const stroke = edge ? ` stroke="${css(darker(edge, 0.55))}" stroke-width="${width}" stroke-linejoin="round"` : '';
  return `<path d="${d}" fill="${fill}"${stroke}/>`;
}

/** A line without fill, ends round. */
export function line(d: string, colour: Colour, width: number): string {
  return `<path d="${d}" fill="none" stroke="${css(colour)}" stroke-width="${n(width)}" stroke-linecap="round" stroke-linejoin="round"/>`;
}

/** A bent tube (a handle, a spout, an arm): dark edge, body, and a line of light. */
export function tube(d: string, colour: Colour, width: number): string {
  return (
    line(d, darker(colour, 0.6), width + 2.4) + line(d, colour, width) + line(d, lighter(colour, 0.35), width * 0.3)
  );
}

export function ellipse(cx: number, cy: number, rx: number, ry: number, fill: string, edge?: Colour): string {
  const stroke = edge ? ` stroke="${css(darker(edge, 0.55))}" stroke-width="1.6"` : '';
  return `<ellipse cx="${n(cx)}" cy="${n(cy)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}"${stroke}/>`;
}

export function rectangle(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  edge?: Colour,
  radius = 0,
): string {
  const stroke = edge ? ` stroke="${css(darker(edge, 0.55))}" stroke-width="1.6"` : '';
  return `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${n(radius)}" fill="${fill}"${stroke}/>`;
}

/** Moves, turns and scales `content`. */
export function place(content: string, x: number, y: number, scale = 1, degrees = 0, mirrored = false): string {
  return `<g transform="translate(${n(x)} ${n(y)}) rotate(${n(degrees)}) scale(${(mirrored ? -scale : scale).toFixed(4)} ${scale.toFixed(4)})">${content}</g>`;
}
