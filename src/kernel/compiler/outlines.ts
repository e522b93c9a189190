/**
 * Outlines of the library's files for the type checker: their declarations without implementations.
 *
 * Cells need nothing else, and parsing the rest would take most of the time of `import 'stillhouse'`. An outline depends
 * only on its own file (TypeScript's isolated declarations), so an edit invalidates only one.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

export interface OutlinesOptions {
  /** Files below this folder have outlines. */
  library: string;
  /** File in which outlines are cached. Default: no cache. */
  cache?: string | undefined;
}

interface Known {
  /** Hash of the file's text. */
  of: string;
  /** Null if the types of the exports can't be determined from this file alone. */
  outline: string | null;
}

export class Outlines {
  private readonly known: Map<string, Known>;
  private grown = false;

  constructor(private readonly options: OutlinesOptions) {
    this.known = options.cache === undefined ? new Map() : readCache(options.cache);
  }

  /** The outline of a file; its `text` if it isn't part of the library or has no outline. */
  of(file: string, text: string): string {
    if (!file.startsWith(this.options.library) || !file.endsWith('.ts') || file.endsWith('.d.ts')) return text;
    const hash = createHash('sha256').update(`${ts.version}\n${text}`).digest('base64url');
    let known = this.known.get(file);
    if (known?.of !== hash) {
      known = { of: hash, outline: outline(file, text) };
      this.known.set(file, known);
      this.grown = true;
    }
    return known.outline ?? text;
  }

  /** One step per library file without an outline, which makes the outline. */
  missing(): (() => void)[] {
    const files = ts.sys.readDirectory(this.options.library, ['.ts'], ['**/*.d.ts']);
    return files
      .filter((file) => !this.known.has(file))
      .map((file) => () => void this.of(file, ts.sys.readFile(file) ?? ''));
  }

  /** Saves new outlines for the next kernel. */
  keep(): void {
    const { cache } = this.options;
    if (!this.grown || cache === undefined) return;
    this.grown = false;
    try {
      writeFileSync(`${cache}.${process.pid}`, JSON.stringify([...this.known]));
      renameSync(`${cache}.${process.pid}`, cache);
    } catch {
      // A full or read-only disk: the next kernel makes them again.
    }
  }
}

/** Options for declarations from a single file, independent of a notebook's own options. */
const ISOLATED: ts.CompilerOptions = {
  declaration: true,
  isolatedDeclarations: true,
  verbatimModuleSyntax: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
};

function outline(fileName: string, text: string): string | null {
  const { outputText, diagnostics } = ts.transpileDeclaration(text, {
    fileName,
    compilerOptions: ISOLATED,
    reportDiagnostics: true,
  });
  return diagnostics && diagnostics.length > 0 ? null : outputText;
}

function readCache(file: string): Map<string, Known> {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, Known][]);
  } catch {
    return new Map(); // None yet, or damaged: all are made again.
  }
}
