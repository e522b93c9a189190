import type { RandomStream } from '../../engine/random';

/** Red, green, blue in 0 … 255. */
export type Colour = readonly [number, number, number];

const clamp = (value: number) => Math.min(255, Math.max(0, Math.round(value)));

/** A CSS colour. */
export function css([r, g, b]: Colour): string {
  return `rgb(${clamp(r)},${clamp(g)},${clamp(b)})`;
}

/** From `a` (t = 0) to `b` (t = 1). */
export function mix(a: Colour, b: Colour, t: number): Colour {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

export const white: Colour = [255, 252, 245];
export const ink: Colour = [34, 27, 30];
export const lighter = (colour: Colour, t: number) => mix(colour, white, t);
export const darker = (colour: Colour, t: number) => mix(colour, ink, t);

/** Hue in degrees, saturation and lightness in 0 … 1. */
export function hsl(hue: number, saturation: number, lightness: number): Colour {
  const chroma = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n: number) => {
    const k = (n + (((hue % 360) + 360) % 360) / 30) % 12;
    return 255 * (lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}

/** The same colour, a little off, as no two glazes are alike. */
export function jitter(colour: Colour, random: RandomStream, amount = 14): Colour {
  const all = random.uniform(-amount, amount);
  const shift = () => all + random.uniform(-amount / 2, amount / 2);
  return [colour[0] + shift(), colour[1] + shift(), colour[2] + shift()];
}

/** Glazes, cloths and papers: shared by all made things, so that colour alone tells no class. */
const glazes: readonly Colour[] = [
  [198, 74, 58],
  [217, 142, 62],
  [226, 186, 84],
  [118, 152, 92],
  [62, 120, 112],
  [70, 118, 168],
  [52, 66, 112],
  [146, 94, 142],
  [214, 138, 148],
  [232, 222, 202],
  [160, 96, 66],
  [72, 66, 68],
];
export const glaze = (random: RandomStream): Colour => jitter(random.choice(glazes), random);

const metals: readonly Colour[] = [
  [186, 146, 74],
  [164, 166, 172],
  [174, 104, 70],
  [82, 84, 92],
];
export const metal = (random: RandomStream): Colour => jitter(random.choice(metals), random, 8);

const woods: readonly Colour[] = [
  [150, 100, 62],
  [112, 72, 48],
  [190, 144, 96],
  [84, 58, 46],
];
export const wood = (random: RandomStream): Colour => jitter(random.choice(woods), random, 8);
