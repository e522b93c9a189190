/**
 * The library's files as the type checker needs them: what they declare, not how it is done.
 *
 * A cell's check asks for nothing else, and most of the time of `import 'stillhouse'` would go into parsing the rest.
 * An outline depends on its own file alone (TypeScript's isolated declarations), so an edit costs that file's anew.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

export interface OutlinesOptions {
  /** Files below this folder have outlines. */
  library: string;
  /** Where outlines are kept between kernels; nowhere if left out. */
  cache?: string | undefined;
}

interface Known {
  /** Hash of the file's text. */
  of: string;
  /** Null: the types of what it exports can't be told from the file alone. */
  outline: string | null;
}

export class Outlines {
  private readonly known: Map<string, Known>;
  private grown = false;

  constructor(private readonly options: OutlinesOptions) {
    this.known = options.cache === undefined ? new Map() : readCache(options.cache);
  }

  /** What a file of the library declares; `text` as it is for any other file, and where the file alone doesn't say it. */
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

  /** The library's files that have no outline yet, each as a step that makes it. */
  missing(): (() => void)[] {
    const files = ts.sys.readDirectory(this.options.library, ['.ts'], ['**/*.d.ts']);
    return files
      .filter((file) => !this.known.has(file))
      .map((file) => () => void this.of(file, ts.sys.readFile(file) ?? ''));
  }

  /** Keeps what is new for the next kernel. */
  keep(): void {
    const { cache } = this.options;
    if (!this.grown || cache === undefined) return;
    this.grown = false;
    try {
      writeFileSync(`${cache}.${process.pid}`, JSON.stringify([...this.known]));
      renameSync(`${cache}.${process.pid}`, cache);
    } catch {
      // A full disk or one that can't be written to: the next kernel makes them again.
    }
  }
}

/** Declarations told from the file alone, the same whatever options a notebook's folder has. */
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
    return new Map(); // None yet, or damaged: all are made anew.
  }
}
