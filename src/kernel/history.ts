/** The history of executed cells, kept across restarts in a file of JSON lines. */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** [session, line, source] or [session, line, [source, output]], as history_reply wants it. */
export type HistoryEntry = [number, number, string | [string, string | null]];

interface Entry {
  session: number;
  line: number;
  source: string;
  output?: string;
}

export interface HistoryQuery {
  hist_access_type?: string;
  output?: boolean;
  session?: number;
  start?: number;
  stop?: number;
  n?: number;
  pattern?: string;
  unique?: boolean;
}

/** Number of latest entries that are kept when the file is read. */
const KEPT = 10_000;

/** Most characters of an output that are kept: a history is for reading. */
const OUTPUT_KEPT = 10_000;

/** STILLHOUSE_HISTORY, or `stillhouse/history.jsonl` in the user's state folder. */
export function historyFile(environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return environment.STILLHOUSE_HISTORY || join(state, 'stillhouse', 'history.jsonl');
}

export class History {
  private entries: Entry[] | undefined;
  private session = 1;

  /** The file is read at first use. If it can't be read or written, only the history is lost. */
  constructor(private readonly file: string) {}

  /** Adds an executed cell. */
  add(line: number, source: string, output?: string): void {
    const entries = this.load();
    const entry = shortened({ session: this.session, line, source, ...(output === undefined ? {} : { output }) });
    entries.push(entry);
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      appendFileSync(this.file, asLine(entry), { mode: 0o600 });
    } catch {
      // A read-only home: this session's history stays in memory.
    }
  }

  /** Answers a history_request. */
  query(query: HistoryQuery): HistoryEntry[] {
    const entries = this.load();
    const { n, output = false } = query;
    let found: Entry[];
    if (query.hist_access_type === 'range') {
      const wanted = query.session ?? 0;
      const session = wanted > 0 ? wanted : this.session + wanted;
      const { start = 0, stop } = query;
      found = entries.filter((e) => e.session === session && e.line >= start && (stop == null || e.line < stop));
    } else if (query.hist_access_type === 'search') {
      const pattern = glob(query.pattern ?? '*');
      found = entries.filter(({ source }) => pattern.test(source));
      if (query.unique) found = [...new Map(found.map((entry) => [entry.source, entry])).values()];
      if (n != null) found = found.slice(-n);
    } else {
      found = entries.slice(n == null ? 0 : -n);
    }
    return found.map((e) => [e.session, e.line, output ? [e.source, e.output ?? null] : e.source]);
  }

  private load(): Entry[] {
    if (this.entries) return this.entries;
    let text = '';
    try {
      text = readFileSync(this.file, 'utf8');
    } catch {
      // No file yet: this is the first session.
    }
    const lines = text.split('\n');
    this.entries = lines
      .slice(-KEPT - 1)
      .flatMap(parseEntry)
      .map(shortened);
    const kept = this.entries.map(asLine).join('');
    // A file that begins with something else is somebody else's.
    if (text.length > 2 * kept.length && parseEntry(lines[0]!).length > 0) this.replace(kept);
    this.session = this.entries.reduce((most, { session }) => Math.max(most, session), 0) + 1;
    return this.entries;
  }

  /** Rewrites the file without what isn't kept. A cell that another kernel adds meanwhile, within milliseconds, is lost. */
  private replace(text: string): void {
    const temporary = `${this.file}.${process.pid}`;
    try {
      writeFileSync(temporary, text, { mode: 0o600 });
      renameSync(temporary, this.file);
    } catch {
      // No space, or a read-only home: it stays as long as it is.
    }
  }
}

const asLine = (entry: Entry): string => `${JSON.stringify(entry)}\n`;

function shortened(entry: Entry): Entry {
  const { output = '' } = entry;
  return output.length > OUTPUT_KEPT ? { ...entry, output: `${output.slice(0, OUTPUT_KEPT)}…` } : entry;
}

/** Parses a line; none if a crash cut it short. */
function parseEntry(line: string): Entry[] {
  if (line === '') return [];
  try {
    const entry = JSON.parse(line) as Entry;
    return typeof entry.source === 'string' && typeof entry.session === 'number' ? [entry] : [];
  } catch {
    return [];
  }
}

/** `*` is any text, `?` one character, as in SQLite's GLOB, which IPython uses. */
function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[\\s\\S]*')
    .replaceAll('?', '[\\s\\S]');
  return new RegExp(`^${source}$`);
}
