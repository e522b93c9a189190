/**
 * Normalised hashes of sources by their bytes, kept between processes: to look one up takes no TypeScript, which takes
 * seconds to load and to go through a library. A file that can't be read or written costs only that time.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { sha256 } from '../canonical';
import type { Links } from './imports';

/** What's known of a source by its bytes alone; its imports are as written. */
export interface SourceFacts extends Links {
  /** Normalised. */
  hash: string;
}

/** Change it when normalisation changes, or what is read of the imports. */
const FORMAT = 2;
/** Entries kept, the latest. */
const LIMIT = 5000;

/** As read from the disk: once a process and file. */
const read = new Map<string, Map<string, SourceFacts>>();

export class SourceCache {
  private readonly path: string | undefined;
  private readonly facts: Map<string, SourceFacts>;
  private changed = false;

  /** @param root the project's folder; one without a package.json isn't written into */
  constructor(root: string) {
    this.path = existsSync(join(root, 'package.json')) ? join(root, '.stillhouse', 'sources.json') : undefined;
    const key = this.path ?? '';
    this.facts = (this.path && read.get(key)) || load(this.path);
    if (this.path) read.set(key, this.facts);
  }

  get(path: string, text: string): SourceFacts | undefined {
    return this.facts.get(keyOf(path, text));
  }

  set(path: string, text: string, facts: SourceFacts): void {
    this.facts.set(keyOf(path, text), facts);
    this.changed = true;
  }

  /** Writes it down if there is something new; two processes that do lose one another's news at most. */
  save(): void {
    if (!this.path || !this.changed) return;
    this.changed = false;
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      const all = [...load(this.path), ...this.facts].slice(-LIMIT);
      writeFileSync(temporary, JSON.stringify(Object.fromEntries(all)));
      renameSync(temporary, this.path);
    } catch {
      // Read-only, or full: it's worked out again next time.
    }
  }
}

function load(path: string | undefined): Map<string, SourceFacts> {
  try {
    const entries = Object.entries(path ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, SourceFacts>) : {});
    return new Map(entries.filter(([, facts]) => isWhole(facts)));
  } catch {
    return new Map();
  }
}

const isWhole = ({ hash, imports, exports }: SourceFacts): boolean =>
  /^[0-9a-f]{64}$/.test(hash) && Array.isArray(imports) && Array.isArray(exports);

let version: string | undefined;

/** Bytes, kind of file, and what normalised it: another TypeScript may print otherwise. */
function keyOf(path: string, text: string): string {
  version ??= (createRequire(import.meta.url)('typescript/package.json') as { version: string }).version;
  return sha256(`${FORMAT} ${version} ${extname(path)}\n${text}`);
}
