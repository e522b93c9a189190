/**
 * The control's code in the front-end (anywidget.dev). It sends the values and the number of changes so far (`count`);
 * the kernel's reply is applied only if nothing has changed since. Focus survives when the output is drawn again.
 */
export const CONTROL_FRONT_END = `const FORM = 'display:grid;grid-template-columns:max-content minmax(6em,16em) max-content;gap:.3em .9em;align-items:center;padding:.3em 0';
const CHART = '.sh-chart text{pointer-events:none}.sh-chart a path{cursor:pointer}'
  + '.sh-chart a:focus-visible path,.sh-chart a:hover path{stroke:#80808080;stroke-width:3px}'
  + '.sh-chart a[aria-current] path{stroke:#e45756;stroke-width:3px}';

/** An input, a menu or a chart: how it is read and set, and what has the focus in it. */
function drawField(field, changed) {
  if (field.kind === 'chart') return drawChart(field, changed);
  const input = document.createElement(field.kind === 'menu' ? 'select' : 'input');
  const output = document.createElement('output');
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
  return { get, set, input, output, focus: () => input.focus() };
}

/** A chart in which each cell that can be chosen is a link. */
function drawChart(field, changed) {
  const input = document.createElement('div');
  const output = document.createElement('output');
  input.className = 'sh-chart';
  input.style.gridColumn = '2/-1';
  output.style.gridColumn = '2/-1';
  input.innerHTML = '<style>' + CHART + '</style>' + field.svg;
  const links = [...input.querySelectorAll('a')];
  const indexOf = (link) => Number(link.getAttribute('xlink:href').slice('#cell-'.length));
  links.forEach((link) => link.setAttribute('aria-label', field.texts[indexOf(link)]));
  let chosen = 0;
  const mark = () => {
    links.forEach((link) => link.toggleAttribute('aria-current', indexOf(link) === chosen));
    output.textContent = field.texts[chosen];
  };
  input.addEventListener('click', (event) => {
    const link = event.target.closest('a');
    if (!link) return;
    event.preventDefault();
    chosen = indexOf(link);
    mark();
    changed();
  });
  const set = (value) => { chosen = value; mark(); };
  return { get: () => chosen, set, input, output, focus: () => links.find((link) => indexOf(link) === chosen).focus() };
}

let focused;
export default {
  initialize({ model }) { model.send({ ready: true }); },
  render({ model, el }) {
    const grid = document.createElement('div');
    grid.className = 'sh-control';
    grid.style.cssText = FORM;
    let count = model.get('state').count;
    let timer;
    const changed = () => {
      count++;
      clearTimeout(timer);
      timer = setTimeout(() => {
        model.send({ values: Object.fromEntries(parts.map(({ name, get }) => [name, get()])), count });
      }, 80);
    };
    const parts = model.get('fields').map((field) => {
      const { name } = field;
      const part = drawField(field, changed);
      const id = 'sh-' + Math.random().toString(36).slice(2);
      const label = Object.assign(document.createElement('label'), { textContent: name, htmlFor: id });
      part.input.id = id;
      part.input.name = name;
      part.input.dataset.lmSuppressShortcuts = 'true'; // Arrow keys and Enter are the form's, not JupyterLab's.
      part.input.addEventListener('focusin', () => { focused = name; });
      part.input.addEventListener('focusout', () => { if (part.input.isConnected) focused = undefined; });
      grid.append(label, part.input, part.output);
      return { name, ...part };
    });
    const status = Object.assign(document.createElement('div'), { className: 'sh-status', role: 'status' });
    status.style.cssText = 'grid-column:1/-1;opacity:.7;font-size:.92em;min-height:1.4em';
    grid.append(status);
    el.replaceChildren(grid);
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
    if (again) setTimeout(again.focus);
    return () => model.off('change:state', draw);
  },
};`;
