/** The compiler's thread: the server's own loop never waits for the type checker. */
import { parentPort, workerData } from 'node:worker_threads';
import { CellCompiler } from './compiler';
import { notebookImports } from './imports';
import { complete, inspect, isComplete } from './questions';

const { folder, root, notebook } = workerData as { folder: string; root: string; notebook?: string };
const compiler = new CellCompiler(folder, root);

/** What the server may ask for, by name. */
const methods = {
  compile: (source: string) => compiler.compile(source, (imports) => parentPort!.postMessage({ imports })),
  commit: (...args: Parameters<CellCompiler['commit']>) => compiler.commit(...args),
  complete: (source: string, position: number) => complete(compiler, source, position),
  inspect: (source: string, position: number) => inspect(compiler, source, position),
  isComplete: (source: string) => isComplete(source),
  /** Forgets every cell: the cell process was started anew. */
  reset: () => compiler.reset(),
};

export type CompilerMethods = typeof methods;

let coming: NodeJS.Timeout | undefined;

parentPort!.on('message', ({ id, method, args }: { id: number; method: keyof CompilerMethods; args: unknown[] }) => {
  coming?.refresh();
  try {
    const value = (methods[method] as (...args: unknown[]) => unknown)(...args);
    parentPort!.postMessage({ id, value });
  } catch (error) {
    parentPort!.postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});

/** The notebook's imports are read once nothing has been asked for this long, ms. */
const IDLE = 300;

// The standard library's types are parsed before the first cell asks for them, and where the client says which
// notebook this kernel is for, the types that its cells import.
compiler.compile('0');
if (notebook !== undefined) {
  coming = setTimeout(() => {
    coming = undefined;
    compiler.warm(notebookImports(notebook));
  }, IDLE);
}
