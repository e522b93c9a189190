/** What all charts share: size, title, theme, panels, and how a spec shows itself. */
import { expectAtLeast, expectFinite } from './checks';
import { DISPLAY, type Displayable, type MimeBundle } from './mime';
import { chartBundle } from './render';
import { SCHEMA, type VegaLiteSpec } from './spec';
import { textWidth } from './text-metrics';
import { themeConfig } from './theme';

/** A spec that shows itself as a cell's last value; the method is not enumerable, so the JSON stays pure. */
export type Chart = VegaLiteSpec & Displayable;

/** A legend along the top, above the title of the y axis. */
export const LEGEND = { orient: 'top', title: null, offset: 28, columnPadding: 16 };

/** Options of every chart. */
export interface ChartOptions {
  title?: string;
  /** A second line, in smaller letters. Default: n, what the interval is, which marks are published figures. */
  subtitle?: string;
  /** A line below the subtitle: on what data it was run. */
  note?: string;
  /** Width of the plot, or of each panel, in pixels. Default: fits the content. */
  width?: number;
  /** Height of the plot, or of each panel, in pixels. Default: fits the content. */
  height?: number;
  /** Names of fields on axes and panels: { imagesPerClass: 'images per class' }. Default: their own names. */
  labels?: Readonly<Record<string, string>>;
}

/** Options of charts whose series have colours. */
export interface ColourOptions {
  /** Series drawn in grey because they are the baselines: ['random']. */
  neutral?: readonly string[];
  /** Series that have one colour in every chart. Others beside them take colours that none of these has. */
  colours?: Readonly<Record<string, string>>;
}

/** One plot of a chart. */
export interface Panel {
  /** Shown above the plot where the chart has several panels. */
  title?: string;
  marks: Record<string, unknown>;
}

const PANEL_SPACING = 28;

/** Most panels in a row. Four panels stand two by two. */
const COLUMNS = 3;

/** Adds schema, theme, size and title to the marks of a chart. */
export function chart(marks: Record<string, unknown>, options: ChartOptions = {}): Chart {
  return panels([{ marks }], options);
}

/**
 * Panels side by side, in one style and with one legend. Axes are shared only where the marks name the same domain.
 * @throws RangeError if there is no panel, or a size is below 1 or not finite.
 */
export function panels(
  list: readonly Panel[],
  { title, subtitle, note, width = 480, height = 280 }: ChartOptions = {},
  { columns = list.length === 4 ? 2 : COLUMNS }: { columns?: number } = {},
): Chart {
  const [first] = list;
  if (!first) throw new RangeError('Expected at least one panel, got none.');
  expectAtLeast(1, { width, height });
  expectFinite({ width, height });
  const across = Math.min(list.length, columns);
  const spec = {
    $schema: SCHEMA,
    ...titleOf({ title, subtitle, note, width: across * width + (across - 1) * PANEL_SPACING }),
    ...(list.length === 1
      ? { width, height, ...first.marks }
      : {
          columns: across,
          spacing: PANEL_SPACING,
          concat: list.map((panel) => ({
            title: { text: panel.title ?? '', fontSize: 12, frame: 'group', offset: PANEL_TITLE_OFFSET },
            width,
            height,
            ...panel.marks,
          })),
        }),
    config: themeConfig('either'),
  };
  Object.defineProperty(spec, DISPLAY, {
    enumerable: false,
    value: (): Promise<MimeBundle> => chartBundle(spec),
  });
  return spec as unknown as Chart;
}

/** Space between a panel's title and the title of the y axis below it, px. */
const PANEL_TITLE_OFFSET = 8;

/** The y axis' title in every panel but the first: blank, but of the same height, so that the panels line up. */
export const NO_TITLE = ' ';

interface TitleOptions {
  title: string | undefined;
  subtitle: string | undefined;
  note: string | undefined;
  /** Width of all plots together, px. */
  width: number;
}

function titleOf({ title, subtitle, note, width }: TitleOptions): { title?: unknown } {
  const room = Math.max(260, width);
  const lines = (text: string, size: number) => wrapWords(text, room, size);
  const small = [subtitle, note].flatMap((text) => (text ? lines(text, 12) : []));
  if (title === undefined)
    return small.length === 0 ? {} : { title: { text: oneOrMore(small), fontSize: 12, fontWeight: 'normal' } };
  // Bold letters are about a sixth wider.
  const text = oneOrMore(lines(title, 14 * 1.17));
  return { title: small.length === 0 ? text : { text, subtitle: oneOrMore(small) } };
}

const oneOrMore = (lines: string[]): string | string[] => (lines.length === 1 ? (lines[0] as string) : lines);

/** Breaks text between words into lines of at most `width` pixels. @param size font size, px */
export function wrapWords(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(longer, size) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** A field's label, with its unit: 'accuracy (%)'. */
export function labelOf(field: string, { labels }: Pick<ChartOptions, 'labels'>, unit?: string): string {
  const label = labels?.[field] ?? field;
  return unit ? `${label} (${unit})` : label;
}

/** The unit of the plotted values: `unit` if given, else % for percentages. */
export function unitOf({ unit, percent }: { unit?: string; percent?: boolean }): string | undefined {
  return unit ?? (percent ? '%' : undefined);
}
