/** Colour maps for heat maps over images: 0 … 1 → RGB. */

export type Rgb = readonly [red: number, green: number, blue: number];
export type ColormapName = 'viridis' | 'magma' | 'greys' | 'diverging';

// Ten evenly spaced stops of matplotlib's maps (Smith and van der Walt, CC0); linear between them.
const STOPS: Record<ColormapName, readonly string[]> = {
  viridis: ['440154', '482878', '3e4989', '31688e', '26828e', '1f9e89', '35b779', '6ece58', 'b5de2b', 'fde725'],
  magma: ['000004', '180f3d', '440f76', '721f81', '9e2f7f', 'cd4071', 'f1605d', 'fd9668', 'feca8d', 'fcfdbf'],
  greys: ['000000', 'ffffff'],
  diverging: ['2166ac', '67a9cf', 'd1e5f0', 'f7f7f7', 'fddbc7', 'ef8a62', 'b2182b'],
};

const RGB = Object.fromEntries(
  Object.entries(STOPS).map(([name, stops]) => [
    name,
    stops.map((stop) => [0, 2, 4].map((at) => Number.parseInt(stop.slice(at, at + 2), 16))),
  ]),
) as Record<ColormapName, number[][]>;

/**
 * A colour map as a function of 0 … 1 (values outside are clamped, NaN is mid-grey).
 * @returns RGB, 0 … 255.
 */
export function colormap(name: ColormapName): (value: number) => Rgb {
  const stops = RGB[name];
  return (value) => {
    if (Number.isNaN(value)) return [128, 128, 128];
    const position = Math.min(1, Math.max(0, value)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(position));
    const [from, to, share] = [stops[low]!, stops[low + 1]!, position - low];
    return [0, 1, 2].map((c) => Math.round(from[c]! + (to[c]! - from[c]!) * share)) as unknown as Rgb;
  };
}

export const viridis = colormap('viridis');

/** '#rrggbb' or '#rgb' → RGB. @throws on anything else. */
export function parseColour(colour: string): Rgb {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(colour);
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(colour);
  const parts = long?.slice(1) ?? short?.slice(1).map((digit) => digit + digit);
  if (!parts) throw new TypeError(`Expected a colour as '#rrggbb', got ${JSON.stringify(colour)}.`);
  return parts.map((part) => Number.parseInt(part, 16)) as unknown as Rgb;
}
