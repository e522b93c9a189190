import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barChart, imageGrid, resultsTable, share, toBundle } from '../../src/charts';
import { highlight } from '../../src/charts/share/highlight';
import { drawFormulas, firstParagraph, headingsOf, plainOf, renderMarkdown } from '../../src/charts/share/markdown';
import { sanitizeHtml } from '../../src/charts/share/sanitize';
import { texToMathml } from '../../src/charts/share/tex';
import { ansiHtml, overwritten, stripAnsi } from '../../src/charts/share/ansi';
import { plain, rows } from './sample';

const markdown = (source: string) => ({ cell_type: 'markdown', metadata: {}, source });
const code = (source: string, ...outputs: unknown[]) => ({
  cell_type: 'code',
  metadata: {},
  execution_count: 1,
  source: [source],
  outputs,
});
const shown = (data: unknown, metadata = {}) => ({ output_type: 'display_data', data, metadata });

let folder: string;
let page: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'share-'));
  const chart = barChart(rows, { title: 'Bars </script><b>', series: 'method', value: 'accuracy' });
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { language: 'typescript' },
      stillhouse: {
        commit: 'abc1234',
        engine: 'TensorFlow 2.21',
        device: 'CPU',
        seeds: [0, 1],
        fingerprints: { 'still life': 'c7a8' },
        seconds: 61,
      },
    },
    cells: [
      markdown(
        '# A tour <script>document.title = "taken"</script>\n\nWhat it is.\n\n![inside](dot.png) ![outside](../secret.png) ![far](https://x.y/a.png)',
      ),
      markdown('## First\n\n## Second & last'),
      code("const answer = await show('</script>'); // why", {
        output_type: 'stream',
        name: 'stdout',
        text: ['1 %\r', '99 %\r100 %\n', '\u001b[31mred\u001b[0m\n'],
      }),
      code(
        'others',
        shown({ 'text/latex': '$\\displaystyle \\frac{x}{2}$', 'text/plain': 'x/2' }),
        shown({ 'text/latex': '\\odd', 'text/plain': 'odd' }),
        shown({ 'application/json': { a: ['<b>', 1] }, 'text/plain': '<object>' }),
      ),
      code('chart', shown(await toBundle(chart))),
      code('grid', shown(await toBundle(await imageGrid([plain(4, 4, [200, 0, 0])])), { 'image/png': { width: 96 } })),
      code(
        'table',
        shown(
          await toBundle(
            resultsTable(rows, { rows: 'method', columns: 'ipc', value: 'accuracy', title: 'Accuracy </script>' }),
          ),
        ),
      ),
      code(
        'evil',
        shown({ 'text/html': '<b onclick="x()">bold</b><script>document.title = "taken"</script></main>' }),
        shown({
          'image/svg+xml':
            '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><script>1</script><rect width="1" height="1"/></svg>',
        }),
      ),
      code('fail()', {
        output_type: 'error',
        ename: 'RangeError',
        evalue: 'too <b>large</b>',
        traceback: ['\u001b[0;31mRangeError\u001b[0m', 'at cell 1'],
      }),
    ],
  };
  await writeFile(join(folder, 'tour.ipynb'), JSON.stringify(notebook));
  await writeFile(join(folder, 'dot.png'), Buffer.from('iVBORw0KGgo=', 'base64'));
  const { path } = await share(join(folder, 'tour.ipynb'));
  page = await readFile(path, 'utf8');
});
afterAll(() => rm(folder, { recursive: true }));

/** The page without its own scripts and styles. */
const markup = () => page.replace(/<script>[\s\S]*?<\/script>|<style>[\s\S]*?<\/style>/g, '');

describe('a shared page', () => {
  it('asks the network for nothing', () => {
    expect(markup().match(/(?:src|srcset|data|poster)="(?!data:)[^"]+"/g)).toBeNull();
    expect(markup().match(/<link|@import|<iframe|<object/g)).toBeNull();
  });
  it('lets only its own scripts run', () => {
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1] ?? '';
    const packed = [...page.matchAll(/<script type="application\/gzip" data-packed>([\w+/=]*)<\/script>/g)];
    const plain = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)];
    const texts = [
      ...packed.map(([, text]) => gunzipSync(Buffer.from(text!, 'base64'))),
      ...plain.map(([, text]) => text!),
    ];
    const scripts = texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    expect(scripts).toHaveLength(4); // Vega, Vega-Lite, Vega-Embed, the page's own
    expect(/script-src ([^;]+)/.exec(policy)?.[1]?.split(' ')).toEqual(scripts);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  });
  it('carries Vega packed: half a megabyte with a chart', () => {
    expect(page.length).toBeLessThan(500_000);
  });
  it('carries no script of the notebook', () => {
    expect(markup().match(/<script(?! type="application\/(json|gzip)")/g)).toBeNull();
    expect(markup().match(/<[^>]+\son\w+=/g)).toBeNull();
    expect(page).toContain('<title>A tour document.title = &quot;taken&quot;</title>');
    expect(markup().match(/<\/main>/g)).toHaveLength(1);
  });
  it('holds the charts as data, with a picture for readers without scripts', () => {
    const [, json = ''] = /<script type="application\/json" data-chart>([\s\S]*?)<\/script>/.exec(page) ?? [];
    expect(JSON.parse(json).title.text).toBe('Bars </script><b>');
    expect(JSON.parse(json).config).toBeUndefined();
    expect(page).toMatch(
      /class="still"><img class="picture" alt="\[chart: Bars [^"]*" src="data:image\/svg\+xml,%3Csvg%20/,
    );
  });
  it('keeps pictures beside the notebook, and none from elsewhere on the machine', () => {
    expect(page).toContain('<img src="data:image/png;base64,iVBORw0KGgo=" alt="inside">');
    expect(page).toContain('[image: outside] [image: far]');
    expect(page).toMatch(/width="96" style="--least:77px" src="data:image\/png/);
  });
  it('holds the results as data and as CSV', () => {
    const [, json = ''] = /id="sh-results">([\s\S]*?)<\/script>/.exec(page) ?? [];
    expect(JSON.parse(json)).toMatchObject([{ name: 'Accuracy </script>', keys: ['method', 'ipc'] }]);
    expect(page).toContain('method,ipc,mean,sd,n\nrandom,10,0.2,');
  });
  it('has contents, folded code and text as a terminal would show it', () => {
    expect(page).toMatch(/<nav class="contents">.*#out-First">First<.*#out-Second-%26-last">Second &amp; last</);
    expect(page).toContain('<h2 id="out-Second-&amp;-last">Second &amp; last</h2>');
    expect(page).toContain('<pre class="text stdout">100 %\n<span class="ansi-red">red</span></pre>');
    expect(page).toMatch(/<details class="code"><summary[^>]*><code>const answer/);
    expect(page).toContain('<b>RangeError</b>: too &lt;b&gt;large&lt;/b&gt;');
  });
  it('draws formulas of other kernels, and shows JSON', () => {
    expect(page).toContain('<span class="math" title="\\displaystyle \\frac{x}{2}"><math>');
    expect(page).toContain('<pre class="text result">\\odd</pre>');
    expect(page).toMatch(
      /<pre class="text json">\{\n {2}<span class="tk-string">&quot;a&quot;<\/span>: \[\n.*&lt;b&gt;/,
    );
  });
  it('says how it was made', () => {
    expect(page).toMatch(/<dt>Commit<\/dt><dd>abc1234<\/dd>.*<dt>Seeds<\/dt><dd>0, 1<\/dd>.*still life: c7a8.*61 s/);
  });
});

describe('share', () => {
  it('makes an index with thumbnails of a folder', async () => {
    await mkdir(join(folder, 'deep'), { recursive: true });
    await writeFile(
      join(folder, 'deep/other.ipynb'),
      JSON.stringify({ nbformat: 4, metadata: {}, cells: [markdown('Only *words*.')] }),
    );
    const seen: number[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }) => seen.push(done / total);
    const { path, files } = await share(folder, join(folder, 'site'), { onProgress });
    expect(seen.at(-1)).toBe(1);
    expect(files).toHaveLength(3);
    const index = await readFile(path, 'utf8');
    expect(index).toMatch(/<a href="deep\/other\.html">.*<h2>other<\/h2><p>Only words\.<\/p>/);
    expect(index).toContain('deep/other.ipynb · no record of a run');
    expect(index).toMatch(/<a href="tour\.html"><div class="thumb"><img alt="" src="data:image\/webp;base64,/);
  });
  it('reads a notebook that begins with a byte order mark', async () => {
    const path = join(folder, 'mark.ipynb');
    await writeFile(
      path,
      `\uFEFF${JSON.stringify({ nbformat: 4, metadata: {}, cells: [markdown('# The $\\beta$ one')] })}`,
    );
    expect(await readFile((await share(path)).path, 'utf8')).toContain('<title>The β one</title>');
    await rm(path);
  });
  it('says of a notebook in a merge conflict where it is', async () => {
    const path = join(folder, 'conflict.ipynb');
    await writeFile(path, '{\n<<<<<<< HEAD\n"nbformat": 4\n=======\n"nbformat": 3\n>>>>>>> theirs\n}');
    await expect(share(path)).rejects.toThrow(/conflict\.ipynb, found an unresolved merge conflict at line 2\./);
    await rm(path);
  });
  it('names what is not there', async () => {
    await expect(share(join(folder, 'nosuch.ipynb'))).rejects.toThrow(
      /folder of them at .*nosuch\.ipynb, found nothing/,
    );
  });
  it("names a file that isn't a notebook", async () => {
    await writeFile(join(folder, 'bad.ipynb'), '{"nbformat": 3}');
    await expect(share(join(folder, 'bad.ipynb'))).rejects.toThrow(
      /notebook of format 4 at .*bad\.ipynb, got format 3/,
    );
    await rm(join(folder, 'bad.ipynb'));
  });
});

describe('Markdown', () => {
  it.each([
    ['draws a heading with emphasis and code', '# A *b* `c<d`', '<h1>A <em>b</em> <code>c&lt;d</code></h1>'],
    [
      'keeps the lines of a paragraph, breaks one at two spaces, and begins another at an empty line',
      'one\ntwo  \nthree\n\nfour',
      '<p>one\ntwo<br>three</p>\n<p>four</p>',
    ],
    ['strikes out, and leaves underscores within words', 'a ~~b~~ c_d_e', '<p>a <del>b</del> c_d_e</p>'],
    ['takes a line of equal signs for a heading', 'Set\n===', '<h1>Set</h1>'],
    ['ticks the items of a list', '- [x] done\n- [ ] not', '<ul>\n<li>☑ done</li>\n<li>☐ not</li>\n</ul>'],
    [
      'colours code by its language',
      '```ts\nconst a = "<b>";\n```',
      '<pre><code><span class="tk-keyword">const</span> a = <span class="tk-string">&quot;&lt;b&gt;&quot;</span>;</code></pre>',
    ],
    [
      'links in place and by reference, underscores and all',
      '[a_b](https://x.y/c_d_e) and [c][1]\n\n[1]: d.md',
      '<p><a href="https://x.y/c_d_e">a_b</a> and <a href="d.md">c</a></p>',
    ],
    [
      'links a bare address without its full stop',
      'see https://x.y/z.',
      '<p>see <a href="https://x.y/z">https://x.y/z</a>.</p>',
    ],
    [
      'shows a picture with its title, and plain words in its place',
      '![a *b*](c.png "t")',
      '<p><img src="c.png" alt="a b" title="t"></p>',
    ],
    [
      'tells a formula from prices',
      '$a_1 * \\{b_1\\} * c$ costs \\$5 * $6 and $7',
      '<p><span class="math">a_1 * \\{b_1\\} * c</span> costs $5 * $6 and $7</p>',
    ],
    ['leaves dollars in code and before digits', '`$a` is $5, `$b`', '<p><code>$a</code> is $5, <code>$b</code></p>'],
    [
      'sets a formula of its own lines apart',
      'so\n$$\na_1 < b_1\n$$\nis',
      '<p>so</p>\n<div class="math">a_1 &lt; b_1</div>\n<p>is</p>',
    ],
    ['takes escaped brackets for a formula', '\\\\(a*b*c\\\\)', '<p><span class="math">a*b*c</span></p>'],
    [
      'takes an environment of TeX for a formula',
      '\\begin{align}\na &= b\n\\end{align}',
      '<div class="math">\\begin{align}\na &amp;= b\n\\end{align}</div>',
    ],
    ['keeps indented lines as code', '    indented <b>', '<pre><code>indented &lt;b&gt;</code></pre>'],
    ['lets harmless HTML through', '<div align="center">\n<b>x</b>\n</div>', '<div align="center">\n<b>x</b>\n</div>'],
  ])('%s', (_, source, html) => {
    expect(renderMarkdown(source).trim()).toBe(html);
  });
  it('keeps a table and its alignment', () => {
    const html = renderMarkdown('| a | b |\n|:--|--:|\n| 1 | `x\\|y` |').replaceAll('\n', '');
    expect(html).toContain('<th align="left">a</th><th align="right">b</th>');
    expect(html).toContain('<td align="right"><code>x|y</code></td>');
  });
  it('has footnotes whose links lead to them, and not to those of another cell', () => {
    const note = (text: string) => sanitizeHtml(renderMarkdown(`Said[^1].\n\n[^1]: ${text}`));
    const html = note('here');
    const target = /href="#(out-note-[\w-]+-1)"/.exec(html)?.[1];
    expect(target).toBeDefined();
    expect(html).toContain(`<li id="${target}">`);
    expect(note('elsewhere')).not.toContain(target);
  });
  it('finds headings, but not in code', () => {
    expect(headingsOf('# A `b` $\\alpha_t$\n```\n# no\n```\n## [C](d)')).toEqual([
      { level: 1, text: 'A b α_t' },
      { level: 2, text: 'C' },
    ]);
  });
  it('as plain words has no marks, and formulas in letters', () => {
    expect(plainOf('*The* $\\epsilon_\\theta(x_t, t)$ & <b>loss</b>')).toBe('The ϵ_θ(x_t, t) & loss');
    expect(firstParagraph('# A\n\n![picture](a.png)\n\nWhat it\n*is*.')).toBe('What it is.');
  });
});

describe('a formula', () => {
  it.each([
    ['sub- and superscripts', 'x_t^2', '<msubsup><mi>x</mi><mi>t</mi>'],
    ['fractions', '\\frac{1}{|T|}', '<mfrac><mn>1</mn>'],
    ['blackboard letters', '\\mathbb{E}_{t,\\epsilon}', '𝔼'],
    ['accents', '\\hat{\\epsilon}_\\theta', '<mover'],
    ['cases', '\\begin{cases} 1 & a \\\\ 0 & b \\end{cases}', '<mtable'],
  ])('is drawn with %s', (_, tex, drawn) => expect(texToMathml(tex)).toContain(drawn));

  it('on its own line has limits above and below', () => {
    expect(texToMathml('\\sum_{t \\in T}^{n} t', { display: true })).toContain('<munderover>');
    expect(texToMathml('\\sum_{t \\in T}^{n} t')).toContain('<msubsup>');
  });

  it.each(['\\unknown', '\\frac{1}', 'a}', '{a', '\\left( a', '\\begin{x}\\end{x}', 'a & b'])(
    'that is not understood stays as it is: %s',
    (tex) => {
      expect(texToMathml(tex)).toBeUndefined();
    },
  );

  it('cannot bring markup in, and is there to be copied as it was written', () => {
    const html = drawFormulas(
      sanitizeHtml(renderMarkdown('$\\text{<img src=x onerror=alert(1)>} < "a"$ and $\\odd{<b>}$')),
    );
    expect(html).not.toMatch(/<img|<b>/);
    expect(html.replaceAll('\u00a0', ' ')).toContain('<mtext>&lt;img src=x onerror=alert(1)&gt;</mtext>');
    expect(html).toContain('<code>\\odd{&lt;b&gt;}</code>');
    expect(html).toContain('title="\\text{&lt;img');
  });
});

describe('highlight', () => {
  it('keeps every character of the code', () => {
    const source = "import { a } from 'b'; /* <c> */ const x: Map<string, number> = f(`t${1}`, 0x1f, 2.5e-3); // end";
    expect(
      highlight(source)
        .replace(/<\/?span[^>]*>/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&#39;', "'")
        .replaceAll('&quot;', '"'),
    ).toBe(source);
  });
});

describe('text of a terminal', () => {
  it('keeps its colours', () => {
    expect(
      ansiHtml('a\u001b[1;31mb<\u001b[0m\u001b[38;5;208mc\u001b[38;2;1;2;255md\u001b[39me\u001b[42mf\u001b[49m'),
    ).toBe(
      'a<span class="ansi-red ansi-bold">b&lt;</span><span style="color:#ff8700">c</span>' +
        '<span style="color:#0102ff">d</span>e<span class="ansi-on-green">f</span>',
    );
  });
  it("loses cursor moves, links and colours that don't exist", () => {
    expect(ansiHtml('\u001b[2Ka\u001b[38;5mb\u001b[38;2;999;0;0mc\u001b]8;;x\u0007d')).toBe('abcd');
    expect(stripAnsi('\u001b[1;31ma\u001b[0m\u001b]8;;x\u0007b')).toBe('ab');
  });
  it('shows lines that overwrite themselves as they stand at the end, in the colour that was set', () => {
    expect(overwritten('\u001b[32m1 %\r50 %\r100 %\r\n')).toBe('\u001b[32m100 %\n');
  });
});
