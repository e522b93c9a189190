/** The index of a shared folder: a card per notebook, with one of its pictures. */
import { escapeHtml, shorten } from '../escape';
import { MIME } from '../mime';
import { svgToPng } from '../rasterise';
import { joined, type Notebook } from './notebook';
import { page } from './page';
import { sanitizeSvg } from './sanitize';

export interface IndexEntry {
  title: string;
  abstract: string;
  address: string;
  /** A data URL, or undefined for a notebook without pictures. */
  thumbnail: string | undefined;
  /** The notebook's path in the folder. */
  file: string;
  /** When it was run, as recorded: '2026-11-21T10:45:58Z'. */
  time: string | undefined;
  /** Number of results that the notebook carries as data. */
  results: number;
  /** Its claims, with the verdict on each. */
  verdicts?: readonly IndexVerdict[];
}

/** A claim and its verdict. */
export interface IndexVerdict {
  says: string;
  /** 'Open': compared, and not decided. */
  holds: 'holds' | "doesn't hold" | 'open' | 'not compared';
  /** The numbers behind it. */
  sentence?: string;
}

const MARKS: Readonly<Record<IndexVerdict['holds'], string>> = {
  holds: '✓',
  "doesn't hold": '✗',
  open: '○',
  'not compared': '–',
};

/** The HTML of the index page. */
export function indexPage(title: string, entries: readonly IndexEntry[]): Promise<string> {
  const cards = entries.map(
    ({ title: name, abstract, address, thumbnail: image, results, file, time, verdicts = [] }) => {
      const picture = image ? `<img alt="" src="${image}">` : '<span class="quiet">no picture</span>';
      const facts = [
        file,
        time ? `run ${time.slice(0, 10)}` : 'no record of a run',
        results ? `${results} ${results === 1 ? 'result' : 'results'} as data` : '',
      ];
      const count = `<span class="quiet">${escapeHtml(facts.filter(Boolean).join(' · '))}</span>`;
      const claims = verdicts.map(
        ({ says, holds, sentence }) =>
          `<li><b title="${escapeHtml(holds)}">${MARKS[holds]}</b> ${escapeHtml(says)}${sentence ? ` <small class="quiet">${escapeHtml(sentence)}</small>` : ''}</li>`,
      );
      const list = claims.length > 0 ? `<ul class="verdicts">${claims.join('')}</ul>` : '';
      return (
        `<li><a href="${escapeHtml(encodeURI(address))}"><div class="thumb">${picture}</div><div class="words"><h2>${escapeHtml(name)}</h2>` +
        `<p>${escapeHtml(shorten(abstract, 240))}</p>${list}${count}</div></a></li>`
      );
    },
  );
  const count = `${entries.length} ${entries.length === 1 ? 'notebook' : 'notebooks'}`;
  return page({
    title,
    body: `<div class="layout"><main><h1>${escapeHtml(title)}</h1><p class="quiet">${count}</p><ul class="cards">${cards.join('')}</ul></main></div>`,
  });
}

/** The notebook's first picture (or the one whose cell is tagged `thumbnail`), 560 pixels wide at most. */
export async function thumbnail(notebook: Notebook): Promise<string | undefined> {
  const cells = [...notebook.cells].sort((a, b) => Number(tagged(b)) - Number(tagged(a)));
  for (const { data } of cells.flatMap(({ outputs = [] }) => outputs)) {
    const svg = sanitizeSvg(joined(data?.[MIME.svg]));
    const png = joined(data?.[MIME.png]);
    try {
      const source = png ? Buffer.from(png, 'base64') : svg ? await svgToPng(svg, { scale: 2 }) : undefined;
      if (!source) continue;
      const { default: sharp } = await import('sharp');
      const small = await sharp(source)
        .resize({ width: 560, height: 320, fit: 'inside', withoutEnlargement: true })
        .webp({ quality: 82 })
        .toBuffer();
      return `data:image/webp;base64,${small.toString('base64')}`;
    } catch {
      // Skip a picture that can't be read: the next one may do.
    }
  }
  return undefined;
}

const tagged = ({ metadata }: Notebook['cells'][number]) => metadata?.tags?.includes('thumbnail') === true;
