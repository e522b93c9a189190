/** The form of a control: what may be chosen, as a widget of the front-end and as it stands on a page. */
import { escapeHtml } from './escape';
import { MIME, type MimeBundle } from './mime';
import { styledHtml } from './style';

/** Any number between two. */
export interface NumberRange {
  min: number;
  max: number;
  /** @default a hundredth of the range */
  step?: number;
  /** What is set at first. @default `min` */
  value?: number;
}

/** What may be chosen for one setting: numbers in order (a slider), a list (a menu), yes or no (a check box), a range. */
export type Choice = readonly (number | string)[] | boolean | NumberRange;

/** A setting as the front-end draws it; what is set is an index of `texts`, yes or no, or a number. */
export interface Field {
  name: string;
  kind: 'slider' | 'menu' | 'check' | 'range';
  texts: string[];
  min: number;
  max: number;
  step: number;
}

export type FieldValue = number | boolean;

/**
 * The field of a choice.
 * @throws Error if there is nothing to choose from, or a range has no length
 */
export function fieldOf(name: string, choice: Choice): Field {
  if (typeof choice === 'boolean') return { name, kind: 'check', texts: [], min: 0, max: 1, step: 1 };
  if (isList(choice)) {
    if (choice.length === 0) throw new Error(`Expected at least one choice for ${name}, got none.`);
    const ordered = choice.every((value, index) => typeof value === 'number' && !(value <= Number(choice[index - 1])));
    const kind = ordered && choice.length > 2 ? 'slider' : 'menu';
    return { name, kind, texts: choice.map(String), min: 0, max: choice.length - 1, step: 1 };
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

/** The form as it stands, for readers that draw no widgets. */
export function staticForm(fields: readonly Field[], values: Record<string, FieldValue>): MimeBundle {
  const rows = fields.map((field) => {
    const shown = optionsOf(field, values[field.name]!);
    const cells = shown.map(({ text, set }) =>
      set ? `<b>${escapeHtml(text)}</b>` : `<span class="sh-quiet">${escapeHtml(text)}</span>`,
    );
    return `<tr><th>${escapeHtml(field.name)}</th><td align="left" style="text-align:left">${cells.join(' &nbsp; ')}</td></tr>`;
  });
  const lines = fields.map((field) => {
    const shown = optionsOf(field, values[field.name]!).map(({ text, set }) => (set ? `[${text}]` : text));
    return `${field.name}: ${shown.join(' ')}`;
  });
  return { [MIME.html]: styledHtml(`<table><tbody>${rows.join('')}</tbody></table>`), [MIME.text]: lines.join('\n') };
}

function optionsOf({ kind, texts, min, max }: Field, value: FieldValue): { text: string; set: boolean }[] {
  if (kind === 'check') return [{ text: value ? 'yes' : 'no', set: true }];
  if (kind === 'range')
    return [
      { text: String(min), set: false },
      { text: String(value), set: true },
      { text: String(max), set: false },
    ];
  return texts.map((text, index) => ({ text, set: index === value }));
}

/**
 * The widget's side in the front-end. It sends what was set and how often (`count`); what the kernel echoes counts only
 * if nothing was set since. The element that has the focus keeps it when the output is drawn again.
 */
export const CONTROL_FRONT_END = `let focused;
export default {
  initialize({ model }) { model.send({ ready: true }); },
  render({ model, el }) {
    const grid = document.createElement('div');
    grid.className = 'sh-control';
    grid.style.cssText = 'display:grid;grid-template-columns:max-content minmax(6em,16em) max-content;gap:.3em .9em;align-items:center;padding:.3em 0';
    const parts = model.get('fields').map((field) => {
      const id = 'sh-' + Math.random().toString(36).slice(2);
      const label = Object.assign(document.createElement('label'), { textContent: field.name, htmlFor: id });
      const input = document.createElement(field.kind === 'menu' ? 'select' : 'input');
      const output = document.createElement('output');
      input.id = id;
      input.name = field.name;
      input.dataset.lmSuppressShortcuts = 'true'; // Arrow keys are the slider's, not JupyterLab's.
      if (field.kind === 'menu') {
        field.texts.forEach((text, index) => input.add(new Option(text, String(index))));
      } else if (field.kind === 'check') {
        input.type = 'checkbox';
        input.style.justifySelf = 'start';
      } else {
        Object.assign(input, { type: 'range', min: field.min, max: field.max, step: field.step });
      }
      const get = () => (field.kind === 'check' ? input.checked : Number(input.value));
      const mark = () => {
        if (field.kind === 'slider' || field.kind === 'range') {
          output.textContent = field.kind === 'slider' ? field.texts[get()] : input.value;
          input.setAttribute('aria-valuetext', output.textContent);
        }
      };
      const set = (value) => {
        if (field.kind === 'check') input.checked = value;
        else input.value = String(value);
        mark();
      };
      input.addEventListener('input', () => { mark(); changed(); });
      input.addEventListener('focus', () => { focused = field.name; });
      input.addEventListener('blur', () => { if (input.isConnected) focused = undefined; });
      grid.append(label, input, output);
      return { name: field.name, get, set, input };
    });
    const status = Object.assign(document.createElement('div'), { className: 'sh-status', role: 'status' });
    status.style.cssText = 'grid-column:1/-1;opacity:.7;font-size:.92em;min-height:1.4em';
    grid.append(status);
    el.replaceChildren(grid);
    let count = model.get('state').count;
    let timer;
    const changed = () => {
      count++;
      clearTimeout(timer);
      timer = setTimeout(() => {
        model.send({ values: Object.fromEntries(parts.map(({ name, get }) => [name, get()])), count });
      }, 80);
    };
    const draw = () => {
      const state = model.get('state');
      status.textContent = state.status;
      if (state.count < count) return;
      count = state.count;
      for (const { name, set } of parts) set(state.values[name]);
    };
    model.on('change:state', draw);
    draw();
    const again = parts.find(({ name }) => name === focused);
    if (again) setTimeout(() => again.input.focus());
    return () => model.off('change:state', draw);
  },
};`;
