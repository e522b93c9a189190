/** The compiler's thread, which keeps type checking off the server's event loop. */
import { Session } from 'node:inspector';
import { parentPort, workerData } from 'node:worker_threads';
import type { CellLanguage } from '../language';
import { CellCompiler } from './compiler';
import { notebookImports } from './imports';
import { complete, inspect, isComplete } from './questions';
import { TypeErrorsSetting } from './type-errors';

/** The thread's `workerData`. */
export interface WorkerData {
  /** The notebook's folder. */
  folder: string;
  /** The project's folder. */
  root: string;
  language: CellLanguage;
  /** The notebook's file, if the client names it. */
  notebook?: string | undefined;
  /** File in which outlines of the project's library are cached. */
  cache: string;
}

const { folder, root, language, notebook, cache } = workerData as WorkerData;
const compiler = new CellCompiler(folder, root, { cache, language });
const typeErrors = new TypeErrorsSetting(notebook);

/** The methods that the server can call, by name. */
const methods = {
  compile: (source: string) =>
    compiler.compile(source, {
      typeErrors: typeErrors.of(source),
      onImports: (imports) => parentPort!.postMessage({ imports }),
    }),
  commit: (...args: Parameters<CellCompiler['commit']>) => compiler.commit(...args),
  complete: (source: string, position: number) => complete(compiler, source, position),
  inspect: (source: string, position: number) => inspect(compiler, source, position),
  isComplete: (source: string) => isComplete(source),
  /** Forgets every cell, after a restart of the cell process. */
  reset: () => {
    compiler.reset();
    typeErrors.reset();
  },
};

export type CompilerMethods = typeof methods;

/** Time without a request after which the spare-time tasks below run, in order, ms. */
const IDLE = 300;
const spare: (() => void)[] = [() => spare.unshift(...compiler.preparations()), collectGarbage];
// First read the types that the notebook's cells import, so that checking those cells takes milliseconds.
if (notebook !== undefined) spare.unshift(() => compiler.warm(notebookImports(notebook)));

/** Time without a request after which unused memory is released, ms. */
const AWAY = 15_000;

let pause: NodeJS.Timeout | undefined;

parentPort!.on('message', ({ id, method, args }: { id: number; method: keyof CompilerMethods; args: unknown[] }) => {
  try {
    const value = (methods[method] as (...args: unknown[]) => unknown)(...args);
    parentPort!.postMessage({ id, value });
  } catch (error) {
    parentPort!.postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  rest();
});

// Parse the standard library's types before the first cell needs them.
compiler.compile('0');
rest();

function rest(): void {
  compiler.keep();
  clearTimeout(pause);
  pause = spare.length > 0 ? setTimeout(useSpareTime, IDLE) : setTimeout(collectGarbage, AWAY);
}

function useSpareTime(): void {
  spare.shift()?.();
  if (spare.length === 0) compiler.keep();
  else pause = setTimeout(useSpareTime, 1); // Lets a request that came meanwhile go first.
}

/** Releases the memory that parsing and checking have left behind. */
function collectGarbage(): void {
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.collectGarbage', () => setImmediate(() => session.disconnect()));
}
