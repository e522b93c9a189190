/** The style of all charts: colours that colour-blind readers can tell apart, legible on light and dark pages. */

/** The page that a chart is for. `either` has no background and mid-tone ink, and is legible on both kinds. */
export type ThemeMode = 'either' | 'light' | 'dark';

/**
 * Series colours in order of use. Each has a contrast of 3 : 1 or more on white and on #111; the first five, and the
 * first four with `NEUTRAL`, stay apart for protanopes and deuteranopes. A test computes both.
 */
export const PALETTE = [
  '#2b7bba',
  '#d55e00',
  '#a53d55',
  '#4b4de0',
  '#2aa398',
  '#9a7d0a',
  '#8c6d5a',
  '#c24f9d',
  '#4f8a2c',
  '#7d55ad',
] as const;
/** The colour of a baseline: random selection, the full dataset. */
export const NEUTRAL = '#868c98';
/** The colours of several baselines, from light to dark. */
export const NEUTRALS = ['#8f95a0', '#787e8a', '#646a76'] as const;
/** Look of background points that are shown for comparison. */
export const CONTEXT = { size: 12, opacity: 0.3 };
/** Sequential colour scheme, by Vega's name; the same as `colormap('viridis')`. */
export const SEQUENTIAL = 'viridis';

/** Fonts in order of preference; `render.ts` says what happens on a machine without any. */
export const FONT = 'Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif';

interface Ink {
  ink: string;
  quiet: string;
  grid: string;
  background: string;
}

/** Ink of a mode: text, secondary text, grid lines, background. */
export const INK: Record<ThemeMode, Ink> = {
  either: { ink: '#727986', quiet: '#727986', grid: '#80808038', background: 'transparent' },
  light: { ink: '#1f2430', quiet: '#5b6472', grid: '#e3e6eb', background: '#ffffff' },
  dark: { ink: '#e4e7ec', quiet: '#a3abb8', grid: '#313744', background: '#14171c' },
};

/** The Vega-Lite `config` of a mode. */
export function themeConfig(mode: ThemeMode = 'either'): Record<string, unknown> {
  const { ink, quiet, grid, background } = INK[mode];
  const title = { color: ink, font: FONT, subtitleColor: quiet, subtitleFont: FONT };
  return {
    background,
    font: FONT,
    view: { stroke: null },
    padding: 4,
    title: {
      ...title,
      anchor: 'start',
      frame: 'group',
      fontSize: 14,
      fontWeight: 600,
      subtitleFontSize: 12,
      offset: 12,
      subtitlePadding: 4,
    },
    axis: {
      labelColor: quiet,
      titleColor: quiet,
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: 'normal',
      labelFont: FONT,
      titleFont: FONT,
      gridColor: grid,
      domainColor: quiet,
      tickColor: quiet,
      domain: false,
      ticks: false,
      labelPadding: 6,
      labelFlush: false,
      titlePadding: 8,
    },
    axisX: { grid: false, domain: true, labelAngle: 0 },
    axisY: {
      grid: true,
      titleAngle: 0,
      titleAlign: 'left',
      titleAnchor: 'end',
      titleY: -8,
      titleX: 0,
      titleBaseline: 'bottom',
      tickCount: 6,
    },
    legend: {
      labelColor: quiet,
      titleColor: quiet,
      labelFont: FONT,
      titleFont: FONT,
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: 'normal',
    },
    header: {
      labelColor: quiet,
      titleColor: quiet,
      labelFont: FONT,
      titleFont: FONT,
      labelFontSize: 12,
      titleFontWeight: 'normal',
    },
    text: { color: quiet, font: FONT, fontSize: 11 },
    rule: { color: quiet },
    range: { category: [...PALETTE], ramp: { scheme: SEQUENTIAL }, heatmap: { scheme: SEQUENTIAL } },
  };
}

/**
 * The colour of each series, in order. Those in `neutral` get different greys and use up no colour of the palette; nor do
 * those in `colours`, which keep theirs.
 */
export function seriesColours(
  series: readonly string[],
  neutral: readonly string[] = [],
  colours: Readonly<Record<string, string>> = {},
): string[] {
  const greys = series.filter((name) => neutral.includes(name));
  const shades = greys.length > 1 ? NEUTRALS : [NEUTRAL];
  // Of series that none of them is, all colours are free.
  const kept = new Set(series.some((name) => name in colours) ? Object.values(colours) : []);
  const left = PALETTE.filter((colour) => !kept.has(colour));
  const free = left.length > 0 ? left : PALETTE;
  let used = 0;
  return series.map((name) => {
    if (neutral.includes(name)) return shades[greys.indexOf(name) % shades.length]!;
    return colours[name] ?? free[used++ % free.length]!;
  });
}

type Config = Record<string, unknown>;
const isObject = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A spec's own config: all settings that differ from the `either` theme. */
export function ownConfig(config: unknown, look: Config = themeConfig('either')): Config | undefined {
  if (!isObject(config)) return undefined;
  const own = Object.entries(config).flatMap(([key, value]): [string, unknown][] => {
    const given = look[key];
    if (JSON.stringify(value) === JSON.stringify(given)) return [];
    const rest = isObject(value) && isObject(given) ? ownConfig(value, given) : value;
    return rest === undefined ? [] : [[key, rest]];
  });
  return own.length > 0 ? Object.fromEntries(own) : undefined;
}

/** The theme of a mode, overridden by a spec's own config. */
export function withOwnConfig(mode: ThemeMode, config: unknown): Config {
  const merge = (base: Config, own: Config): Config => ({
    ...base,
    ...Object.fromEntries(
      Object.entries(own).map(([key, value]) => {
        const given = base[key];
        return [key, isObject(value) && isObject(given) ? merge(given, value) : value];
      }),
    ),
  });
  return merge(themeConfig(mode), ownConfig(config) ?? {});
}
