/** The compiler's thread: the server's own loop never waits for the type checker. */
import { Session } from 'node:inspector';
import { parentPort, workerData } from 'node:worker_threads';
import type { CellLanguage } from '../language';
import { CellCompiler } from './compiler';
import { notebookImports } from './imports';
import { complete, inspect, isComplete } from './questions';
import { TypeErrorsSetting } from './type-errors';

/** What the thread is started with. */
export interface WorkerData {
  /** The notebook's folder. */
  folder: string;
  /** The project's folder. */
  root: string;
  language: CellLanguage;
  /** The notebook, where the client says which one this kernel is for. */
  notebook?: string | undefined;
  /** Where the outlines of the project's library are kept. */
  cache: string;
}

const { folder, root, language, notebook, cache } = workerData as WorkerData;
const compiler = new CellCompiler(folder, root, { cache, language });
const typeErrors = new TypeErrorsSetting(notebook);

/** What the server may ask for, by name. */
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
  /** Forgets every cell: the cell process was started anew. */
  reset: () => {
    compiler.reset();
    typeErrors.reset();
  },
};

export type CompilerMethods = typeof methods;

/** Done in order once nothing has been asked for this long, ms. */
const IDLE = 300;
const spare: (() => void)[] = [() => spare.unshift(...compiler.preparations()), collectGarbage];
// The types that the notebook's cells import: theirs is then a matter of milliseconds.
if (notebook !== undefined) spare.unshift(() => compiler.warm(notebookImports(notebook)));

/** After a while without a question the memory that answers left behind is given back, ms. */
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

// The standard library's types are parsed before the first cell asks for them.
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
  else pause = setTimeout(useSpareTime, 1); // A question that came meanwhile goes first.
}

/** Gives back the memory of what parsing and checking left behind. */
function collectGarbage(): void {
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.collectGarbage', () => setImmediate(() => session.disconnect()));
}
