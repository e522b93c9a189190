import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barChart, imageGrid, resultsTable, share, toBundle } from '../../src/charts';
import { highlight } from '../../src/charts/share/highlight';
import { drawFormulas, headingsOf, renderMarkdown } from '../../src/charts/share/markdown';
import { sanitizeHtml } from '../../src/charts/share/sanitize';
import { texToMathml } from '../../src/charts/share/tex';
import { stripAnsi } from '../../src/charts/share/outputs';
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
}, 30_000);
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
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
      ([, text]) =>
        `'sha256-${createHash('sha256')
          .update(text as string)
          .digest('base64')}'`,
    );
    expect(scripts).toHaveLength(4); // Vega, Vega-Lite, Vega-Embed, the page's own
    expect(/script-src ([^;]+)/.exec(policy)?.[1]?.split(' ')).toEqual(scripts);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  });
  it('carries no script of the notebook', () => {
    expect(markup().match(/<script(?! type="application\/json")/g)).toBeNull();
    expect(markup().match(/<[^>]+\son\w+=/g)).toBeNull();
    expect(page).toContain('<title>A tour document.title = &quot;taken&quot;</title>');
    expect(markup().match(/<\/main>/g)).toHaveLength(1);
  });
  it('holds the charts as data, with a picture for readers without scripts', () => {
    const [, json = ''] = /<script type="application\/json" data-chart>([\s\S]*?)<\/script>/.exec(page) ?? [];
    expect(JSON.parse(json).title.text).toBe('Bars </script><b>');
    expect(JSON.parse(json).config).toBeUndefined();
    expect(page).toMatch(
      /class="still"><img class="picture" alt="\[chart: Bars [^"]*" src="data:image\/svg\+xml;base64,/,
    );
  });
  it('keeps pictures beside the notebook, and none from elsewhere on the machine', () => {
    expect(page).toContain('<img alt="inside" src="data:image/png;base64,iVBORw0KGgo=">');
    expect(page).toContain('[image: outside] [image: far]');
    expect(page).toMatch(/width="96" style="--least:77px" src="data:image\/png/);
  });
  it('holds the results as data and as CSV', () => {
    const [, json = ''] = /id="sh-results">([\s\S]*?)<\/script>/.exec(page) ?? [];
    expect(JSON.parse(json)).toMatchObject([{ name: 'Accuracy </script>', keys: ['method', 'ipc'] }]);
    expect(page).toContain('method,ipc,mean,sd,n\nrandom,10,0.2,');
  });
  it('has contents, folded code and text as a terminal would show it', () => {
    expect(page).toMatch(/<nav class="contents">.*#section-2">First<.*#section-3">Second &amp; last</);
    expect(page).toContain('<h2 id="section-3">Second &amp; last</h2>');
    expect(page).toContain('<pre class="text stdout">100 %\nred</pre>');
    expect(page).toMatch(/<details class="code"><summary[^>]*><code>const answer/);
    expect(page).toContain('<b>RangeError</b>: too &lt;b&gt;large&lt;/b&gt;');
  });
  it('says how it was made', () => {
    expect(page).toMatch(/<dt>Commit<\/dt><dd>abc1234<\/dd>.*<dt>Seeds<\/dt><dd>0, 1<\/dd>.*still life: c7a8.*61\.0 s/);
  });
});

describe('share', () => {
  it('makes an index with thumbnails of a folder', async () => {
    await mkdir(join(folder, 'deep'), { recursive: true });
    await writeFile(
      join(folder, 'deep/other.ipynb'),
      JSON.stringify({ nbformat: 4, metadata: {}, cells: [markdown('Only *words*.')] }),
    );
    const { path, files } = await share(folder, join(folder, 'site'));
    expect(files).toHaveLength(3);
    const index = await readFile(path, 'utf8');
    expect(index).toMatch(/<a href="deep\/other\.html">.*<h2>other<\/h2><p>Only words\.<\/p>/);
    expect(index).toContain('deep/other.ipynb · no record of a run');
    expect(index).toMatch(/<a href="tour\.html"><div class="thumb"><img alt="" src="data:image\/webp;base64,/);
  });
  it('names a file that is no notebook', async () => {
    await writeFile(join(folder, 'bad.ipynb'), '{"nbformat": 3}');
    await expect(share(join(folder, 'bad.ipynb'))).rejects.toThrow(
      /notebook of format 4 at .*bad\.ipynb, got format 3/,
    );
    await rm(join(folder, 'bad.ipynb'));
  });
});

describe('Markdown', () => {
  it.each([
    ['# A *b* `c<d`', '<h1>A <em>b</em> <code>c&lt;d</code></h1>'],
    ['one\ntwo  \nthree\n\nfour', '<p>one\ntwo<br>\nthree</p>\n<p>four</p>'],
    [
      '**a** __b__ *c* _d_ ~~e~~ f_g_h',
      '<p><strong>a</strong> <strong>b</strong> <em>c</em> <em>d</em> <del>e</del> f_g_h</p>',
    ],
    ['- a\n- b\n  - c\n- d', '<ul><li>a</li><li>b\n<ul><li>c</li></ul></li><li>d</li></ul>'],
    ['3. a\n4. b', '<ol start="3"><li>a</li><li>b</li></ol>'],
    [
      '```ts\nconst a = "<b>";\n```',
      '<pre><code><span class="tk-keyword">const</span> a = <span class="tk-string">&quot;&lt;b&gt;&quot;</span>;</code></pre>',
    ],
    ['> a\n> b', '<blockquote><p>a\nb</p></blockquote>'],
    [
      '[a_b](https://x.y/c_d_e) <https://z.y>',
      '<p><a href="https://x.y/c_d_e">a_b</a> <a href="https://z.y">https://z.y</a></p>',
    ],
    [
      '[a](https://x.y/c_(d)) and https://x.y/z.',
      '<p><a href="https://x.y/c_(d)">a</a> and <a href="https://x.y/z">https://x.y/z</a>.</p>',
    ],
    ['![a *b*](c.png "t")', '<p><img alt="a *b*" src="c.png"></p>'],
    [
      '$a_1 * \\{b_1\\} * c$ costs \\$5 * $6 and $7',
      '<p><span class="math">a_1 * \\{b_1\\} * c</span> costs $5 * $6 and $7</p>',
    ],
    ['$$\na_1 < b_1\n$$', '<div class="math">a_1 &lt; b_1</div>'],
    ['a \\* b \\| c & d &amp; e', '<p>a * b | c &amp; d &amp; e</p>'],
    ['---', '<hr>'],
    [
      '| a | b |\n|:--|--:|\n| 1 | `x\\|y` |',
      '<table><thead><tr><th align="left">a</th><th align="right">b</th></tr></thead><tbody><tr><td align="left">1</td><td align="right"><code>x|y</code></td></tr></tbody></table>',
    ],
    ['    indented <b>', '<pre><code>indented &lt;b&gt;</code></pre>'],
    ['<div align="center">\n<b>x</b>\n</div>', '<div align="center">\n<b>x</b>\n</div>'],
  ])('%j', (source, html) => {
    expect(renderMarkdown(source)).toBe(html);
  });
  it('finds headings, but not in code', () => {
    expect(headingsOf('# A `b`\n```\n# no\n```\n## [C](d)')).toEqual([
      { level: 1, text: 'A b' },
      { level: 2, text: 'C' },
    ]);
  });
});

describe('a formula', () => {
  it.each([
    ['x_t^2', '<msubsup><mi>x</mi><mi>t</mi>'],
    ['\\frac{1}{|T|}', '<mfrac><mn>1</mn>'],
    ['\\mathbb{E}_{t,\\epsilon}', '𝔼'],
    ['\\hat{\\epsilon}_\\theta', '<mover'],
    ['\\begin{cases} 1 & a \\\\ 0 & b \\end{cases}', '<mtable'],
  ])('%s', (tex, drawn) => expect(texToMathml(tex)).toContain(drawn));

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

describe('stripAnsi', () => {
  it('removes colours and links', () => {
    expect(stripAnsi('\u001b[1;31ma\u001b[0m\u001b]8;;x\u0007b')).toBe('ab');
  });
});
