/** The part of the notebook file format (nbformat 4) that is read here. */
import { readFile } from 'node:fs/promises';
import { MIME } from '../mime';
import type { Results } from '../results';

export interface Notebook {
  cells: Cell[];
  metadata: {
    kernelspec?: { language?: string };
    language_info?: { name?: string };
    /** The kernel's or the runner's record of the run. */
    stillhouse?: Record<string, unknown>;
    [key: string]: unknown;
  };
  nbformat: number;
}

export interface Cell {
  cell_type: 'markdown' | 'code' | 'raw';
  source: string | string[];
  metadata?: { tags?: string[]; [key: string]: unknown };
  outputs?: Output[];
  attachments?: Record<string, Record<string, string | string[]>>;
  execution_count?: number | null;
}

export interface Output {
  output_type: 'stream' | 'display_data' | 'execute_result' | 'error';
  name?: string;
  text?: string | string[];
  data?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

/**
 * Reads a notebook.
 * @throws Error naming the path if there is no such file, or it is not a notebook of format 4.
 */
export async function readNotebook(path: string): Promise<Notebook> {
  const text = withoutMark(await readText(path));
  let notebook: Partial<Notebook>;
  try {
    notebook = parse(text);
  } catch (cause) {
    const conflict = text.split('\n').findIndex((line) => /^(<{7}|={7}|>{7})( |\r?$)/.test(line));
    if (conflict >= 0) {
      throw new Error(
        `Expected a notebook at ${path}, found an unresolved merge conflict at line ${conflict + 1}. Resolve it with git (or nbdime) and try again.`,
        { cause },
      );
    }
    throw new Error(`Expected a notebook at ${path}, but could not read it: ${(cause as Error).message}`, { cause });
  }
  if (!Array.isArray(notebook.cells) || notebook.nbformat !== 4) {
    throw new Error(
      `Expected a notebook of format 4 at ${path}, got format ${JSON.stringify(notebook.nbformat)}. Open and save it in JupyterLab.`,
    );
  }
  return { metadata: {}, ...notebook } as Notebook;
}

/** Parses JSON as Python writes it: bare NaN and infinities, which aren't JSON, become null. */
function parse(text: string): Partial<Notebook> {
  try {
    return JSON.parse(text) as Partial<Notebook>;
  } catch (cause) {
    const known = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g, (found) =>
      found.startsWith('"') ? found : 'null',
    );
    if (known === text) throw cause;
    return JSON.parse(known) as Partial<Notebook>;
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const said = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new Error(`Expected a notebook at ${path}, but ${said}.`, { cause });
  }
}

/** Editors on Windows begin files with a byte order mark. */
const withoutMark = (text: string) => (text.startsWith('\uFEFF') ? text.slice(1) : text);

/** nbformat keeps texts as strings or as lists of lines. */
export function joined(text: unknown): string {
  return Array.isArray(text) ? text.join('') : typeof text === 'string' ? text : '';
}

/** All results that the notebook's outputs carry, in order; a repeated name gets a number. */
export function resultsOf(notebook: Notebook): Results[] {
  const seen = new Map<string, number>();
  return notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .flatMap((output) => {
      const results = output.data?.[MIME.results] as Results | undefined;
      if (!isResults(results)) return [];
      const count = (seen.get(results.name) ?? 0) + 1;
      seen.set(results.name, count);
      return [count === 1 ? results : { ...results, name: `${results.name} (${count})` }];
    });
}

function isResults(value: unknown): value is Results {
  const results = value as Partial<Results> | null | undefined;
  return (
    typeof results?.name === 'string' &&
    Array.isArray(results.rows) &&
    Array.isArray(results.keys) &&
    Array.isArray(results.values)
  );
}
