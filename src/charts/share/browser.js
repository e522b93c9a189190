// The script of a shared page: theme, code, charts, copying. No network, no eval (charts run Vega's interpreter).
(() => {
  const root = document.documentElement;
  const read = (id) => {
    const element = document.getElementById(id);
    return element ? JSON.parse(element.textContent) : undefined;
  };

  // Theme: the reader's choice, else the system's.
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : system.matches);
  const asked = new URLSearchParams(location.search).get('theme');
  if (asked === 'dark' || asked === 'light') root.dataset.theme = asked;

  // Charts.
  const looks = read('sh-looks');
  const charts = [...document.querySelectorAll('[data-chart]')];
  // Vega is gzipped on the page. A browser that can't unpack it, or runs no scripts, keeps the still pictures.
  const unpackAll = async () => {
    if (!window.DecompressionStream) return;
    for (const element of document.querySelectorAll('[data-packed]')) {
      const bytes = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
      const script = document.createElement('script');
      script.textContent = await new Response(stream).text();
      element.replaceWith(script);
    }
  };
  const unpacked = unpackAll();
  const drawAll = async () => {
    await unpacked;
    if (!looks || !window.vegaEmbed) return;
    const config = isDark() ? looks.dark : looks.light;
    for (const element of charts) {
      const holder = element.parentElement;
      const target = holder.querySelector(':scope > .drawn');
      const fresh = document.createElement('div');
      const actions = { export: { svg: true, png: true }, source: false, compiled: false, editor: false };
      try {
        const spec = fitted(JSON.parse(element.textContent), holder.clientWidth);
        // A chart with its own background keeps its own text colours too.
        const painted = [spec.background, spec.config?.background].some((colour) => colour && colour !== 'transparent');
        await window.vegaEmbed(fresh, spec, {
          actions,
          renderer: 'svg',
          ast: true,
          config: painted ? {} : { ...config, background: 'transparent' },
          tooltip: { theme: isDark() ? 'dark' : 'light' },
          loader: closed(),
        });
        fresh.className += ' drawn';
        if (target) target.replaceWith(fresh);
        else holder.prepend(fresh);
      } catch (error) {
        console.error('Could not draw this chart; its still picture is shown instead.', error);
      }
    }
  };
  // On a narrow page a chart is laid out again for the available width, so that text keeps its size.
  const fitted = (spec, room) => {
    const plain =
      typeof spec.width === 'number' && !['facet', 'concat', 'hconcat', 'vconcat', 'repeat'].some((key) => key in spec);
    const needed = spec.width + 90; // axis, labels, padding
    return plain && room > 0 && needed > room
      ? { ...spec, width: room, autosize: { type: 'fit', contains: 'padding' } }
      : spec;
  };
  // A chart on a shared page holds its data and must not fetch any.
  const closed = () => {
    const loader = window.vega.loader();
    loader.load = loader.http = loader.file = () => Promise.reject(new Error('A shared page loads nothing.'));
    return loader;
  };
  drawAll();
  system.addEventListener('change', () => root.dataset.theme || drawAll());
  let width = innerWidth;
  let resized;
  addEventListener('resize', () => {
    if (innerWidth === width) return; // Only the height changed: a phone's address bar comes and goes.
    width = innerWidth;
    clearTimeout(resized);
    resized = setTimeout(drawAll, 200);
  });

  // On a narrow page the contents start folded.
  const contents = document.querySelector('nav.contents details');
  if (contents && !matchMedia('(min-width: 80rem)').matches) contents.open = false;

  // Buttons.
  const copy = async (text, button) => {
    const said = [...button.childNodes];
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      done = document.execCommand('copy');
      area.remove();
    }
    button.textContent = done ? 'Copied' : 'Select the text below and copy it';
    setTimeout(() => {
      button.replaceChildren(...said);
    }, 1500);
  };
  const cell = (value) => {
    if (value === null || value === undefined) return '';
    const text = String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const csv = ({ columns, rows }) => {
    const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
    return `${lines.map((line) => line.map(cell).join(',')).join('\n')}\n`;
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-action]');
    if (!button) return;
    const { action, index } = button.dataset;
    if (action === 'theme') {
      root.dataset.theme = isDark() ? 'light' : 'dark';
      drawAll();
    } else if (action === 'code') {
      const cells = [...document.querySelectorAll('details.code')];
      const open = cells.some((details) => !details.open);
      for (const details of cells) details.open = open;
      button.textContent = open ? 'Hide code' : 'Show code';
    } else if (action === 'copy') {
      event.preventDefault();
      const results = read('sh-results') ?? [];
      const chosen = index === undefined ? results : [results[Number(index)]];
      copy(
        chosen.length === 1 ? csv(chosen[0]) : chosen.map((result) => `# ${result.name}\n${csv(result)}`).join('\n'),
        button,
      );
    }
  });
})();
