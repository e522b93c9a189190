/** `npx stillhouse wall`: an overview page of all results, each with its picture, its claims and their verdicts. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type IndexEntry, indexPage, joined, MIME, type Notebook, readNotebook, thumbnail } from '../charts';
import { writeWhole } from '../common';
import { catalogue } from './catalogue';
import { type Judged, type Judgement, readVerdicts } from './claims/verdicts';
import type { CatalogueItem } from './exhibit';
import { pathOf } from './item';
import { publishedJudgements } from './published-judgements';

const results = fileURLToPath(new URL('../../results', import.meta.url));

/** The overview is written between these lines; the text around them is written by hand. */
const [BEGIN, END] = ['<!-- The wall: written by npx stillhouse wall -->', '<!-- The end of the wall -->'];

/** An item that has been run. */
interface Hung {
  item: CatalogueItem;
  /** Path below results/. */
  path: string;
  /** Its chart, or its images. */
  picture: 'chart.png' | 'chart.webp';
  notebook: Notebook;
  judged: Judged[];
}

/**
 * Writes the overview into the `README.md` of a results folder, and as `index.html` beside it, from the executed
 * notebooks.
 * @returns the paths of both
 * @throws if the README lacks the lines for the overview
 */
export async function wall({
  folder = results,
  items = catalogue,
}: {
  folder?: string;
  items?: readonly CatalogueItem[];
} = {}): Promise<string[]> {
  const hung: Hung[] = [];
  for (const item of items) {
    const path = pathOf(item);
    const file = join(folder, path, 'executed.ipynb');
    if (!existsSync(file)) continue;
    const notebook = await readNotebook(file);
    const picture = existsSync(join(folder, path, 'chart.webp')) ? 'chart.webp' : 'chart.png';
    hung.push({ item, path, picture, notebook, judged: judgedIn(notebook, item) });
  }
  const readme = join(folder, 'README.md');
  const [before, , after] = splitReadme(readFileSync(readme, 'utf8'), readme);
  const absent = items.filter((item) => !hung.some((one) => one.item === item));
  writeWhole(readme, `${before}${BEGIN}\n\n${wallMarkdown(hung, absent)}\n\n${END}${after}`);
  const index = join(folder, 'index.html');
  writeWhole(index, await indexPage('Results', await Promise.all(hung.map(entryOf))));
  return [readme, index];
}

/** The claims in an executed notebook, in order. What the paper's own figures say of them needs no run, and is judged now. */
function judgedIn({ cells }: Notebook, item: CatalogueItem): Judged[] {
  const published = publishedJudgements(item);
  return cells
    .flatMap(({ outputs = [] }) => outputs)
    .flatMap(({ data }) => readVerdicts(joined(data?.[MIME.markdown])))
    .map((judged) => ({ ...judged, published: published.get(judged.says) ?? judged.published }));
}

function splitReadme(text: string, path: string): [before: string, wall: string, after: string] {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`Expected ${path} to have the lines '${BEGIN}' and '${END}', in this order.`);
  return [text.slice(0, begin), text.slice(begin, end), text.slice(end + END.length)];
}

const words: Readonly<Record<Judgement['holds'], string>> = {
  holds: '✓ holds',
  "doesn't hold": "✗ doesn't hold",
  open: '○ open',
  'not compared': '– not compared',
};

/** A table with a line per result, and a sentence on the items that have not been run. */
export function wallMarkdown(hung: readonly Omit<Hung, 'notebook'>[], absent: readonly CatalogueItem[]): string {
  const lines = hung.map(({ item: { item, title }, path, picture, judged }) => {
    const claims = judged.map(({ says, ours, published }) => {
      const theirs = published ? ` (the paper's own figures: ${published.holds})` : '';
      const count = ours.holds === 'not compared' ? '' : ` <small>${ours.sentence}</small>`;
      return `${words[ours.holds]}${theirs}: ${says}${count}`;
    });
    const cells = [
      `<a href="${path}/page.html"><img src="${path}/${picture}" alt="${item}" width="220"></a>`,
      `[${item}](${path}/executed.ipynb): ${title}`,
      claims.join('<br>') || 'no claims',
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const commands = absent.map(({ item, name }) => `${item} (\`${name}\`)`);
  return [
    '| | result | claims |',
    '|---|---|---|',
    ...lines,
    ...(absent.length > 0
      ? ['', `Not run yet: ${commands.join(', ')}. One by its name: \`npx stillhouse reproduce ${absent[0]!.name}\`.`]
      : []),
  ].join('\n');
}

async function entryOf({ item: { item, title, says }, path, notebook, judged }: Hung): Promise<IndexEntry> {
  const time = notebook.metadata.stillhouse?.time;
  return {
    title: `${item}: ${title}`,
    abstract: says,
    address: `${path}/page.html`,
    thumbnail: await thumbnail(notebook),
    file: `${path}/executed.ipynb`,
    time: typeof time === 'string' ? time : undefined,
    results: 0,
    verdicts: judged.map(({ says, ours: { holds, sentence } }) => ({
      says,
      holds,
      ...(holds !== 'not compared' && { sentence }),
    })),
  };
}
