/** The form of a control: its fields, for the widget to draw, and a static form for readers without widgets. */
import { escapeHtml } from './escape';
import { cellLink, type HeatMap, isHeatMap } from './heatmap';
import { MIME, type MimeBundle } from './mime';
import { renderSvg } from './render';
import { styledHtml } from './style';

/** Any number from `min` to `max`. */
export interface NumberRange {
  min: number;
  max: number;
  /** @default a hundredth of the range */
  step?: number;
  /** The initial value. @default `min` */
  value?: number;
}

/**
 * What may be chosen for one setting: three or more numbers in ascending order (a slider), another list (a menu), true or
 * false (a check box), a range (a slider), or a heat map (a click on a cell).
 */
export type Choice = readonly (number | string)[] | boolean | NumberRange | HeatMap;

/** A setting as the front-end draws it. Its value is an index into `texts`, a boolean (check) or a number (range). */
export interface Field {
  name: string;
  kind: 'slider' | 'menu' | 'check' | 'range' | 'chart';
  texts: string[];
  /** The chart, in which the cell of `texts[i]` is a link to '#cell-i'. */
  svg?: string;
  min: number;
  max: number;
  step: number;
}

export type FieldValue = number | boolean;

/**
 * The field of a choice.
 * @throws Error if there is nothing to choose from, or a range has no length
 */
export async function fieldOf(name: string, choice: Choice): Promise<Field> {
  if (typeof choice === 'boolean') return { name, kind: 'check', texts: [], min: 0, max: 1, step: 1 };
  if (isList(choice)) {
    if (choice.length === 0) throw new Error(`Expected at least one choice for ${name}, got none.`);
    const ordered = choice.every((value, index) => typeof value === 'number' && !(value <= Number(choice[index - 1])));
    const kind = ordered && choice.length > 2 ? 'slider' : 'menu';
    return { name, kind, texts: choice.map(String), min: 0, max: choice.length - 1, step: 1 };
  }
  if (isHeatMap(choice)) {
    const texts = choice.cells.map((cell) => placeText(cell));
    if (texts.length === 0) throw new Error(`Expected the heat map of ${name} to have a measured cell, got none.`);
    const svg = await renderSvg(choice.linked);
    return { name, kind: 'chart', texts, min: 0, max: texts.length - 1, step: 1, svg };
  }
  const { min, max, step = (max - min) / 100 } = choice;
  if (!(min < max && step > 0)) {
    throw new Error(`Expected a range for ${name} with min < max and a step over 0, got ${JSON.stringify(choice)}.`);
  }
  return { name, kind: 'range', texts: [], min, max, step };
}

export function isList(choice: Choice): choice is readonly (number | string)[] {
  return Array.isArray(choice);
}

/** 'start 0.1, end 0.7' */
const placeText = (place: Readonly<Record<string, unknown>>): string =>
  Object.entries(place)
    .map(([field, value]) => `${field} ${value}`)
    .join(', ');

/** The form with its current values, for readers without widgets. */
export function staticForm(fields: readonly Field[], values: Record<string, FieldValue>): MimeBundle {
  const rows = fields.map((field) => {
    const shown = optionsOf(field, values[field.name]!);
    const cells = shown.map(({ text, set }) =>
      set ? `<b>${escapeHtml(text)}</b>` : `<span class="sh-quiet">${escapeHtml(text)}</span>`,
    );
    const chart = field.svg === undefined ? '' : `${stillChart(field.svg, Number(values[field.name]))}<br>`;
    return `<tr><th>${escapeHtml(field.name)}</th><td align="left" style="text-align:left">${chart}${cells.join(' &nbsp; ')}</td></tr>`;
  });
  const lines = fields.map((field) => {
    const shown = optionsOf(field, values[field.name]!).map(({ text, set }) => (set ? `[${text}]` : text));
    return `${field.name}: ${shown.join(' ')}`;
  });
  return { [MIME.html]: styledHtml(`<table><tbody>${rows.join('')}</tbody></table>`), [MIME.text]: lines.join('\n') };
}

/** The chart as a picture, with a frame around the chosen cell. */
function stillChart(svg: string, chosen: number): string {
  const link = `xlink:href="${cellLink(chosen)}"`;
  const style = '<style>.sh-chosen path{stroke:#e45756;stroke-width:3px}</style></svg>';
  const marked = svg.replace(link, `class="sh-chosen" ${link}`).replace('</svg>', style);
  return `<img alt="" src="data:${MIME.svg};base64,${Buffer.from(marked).toString('base64')}">`;
}

function optionsOf({ kind, texts, min, max }: Field, value: FieldValue): { text: string; set: boolean }[] {
  if (kind === 'check') return [{ text: value ? 'yes' : 'no', set: true }];
  if (kind === 'chart') return [{ text: texts[Number(value)] ?? '', set: true }];
  if (kind === 'range')
    return [
      { text: String(min), set: false },
      { text: String(value), set: true },
      { text: String(max), set: false },
    ];
  return texts.map((text, index) => ({ text, set: index === value }));
}
