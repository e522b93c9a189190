/** The compiler's thread: the server's own loop never waits for the type checker. */
import { parentPort, workerData } from 'node:worker_threads';
import { CellCompiler } from './compiler';
import { complete, inspect, isComplete } from './questions';

const { folder, root } = workerData as { folder: string; root: string };
const compiler = new CellCompiler(folder, root);

/** What the server may ask for, by name. */
const methods = {
  compile: (source: string) => compiler.compile(source),
  commit: (...args: Parameters<CellCompiler['commit']>) => compiler.commit(...args),
  complete: (source: string, position: number) => complete(compiler, source, position),
  inspect: (source: string, position: number) => inspect(compiler, source, position),
  isComplete: (source: string) => isComplete(source),
  /** Forgets every cell: the cell process was started anew. */
  reset: () => compiler.reset(),
};

export type CompilerMethods = typeof methods;

parentPort!.on('message', ({ id, method, args }: { id: number; method: keyof CompilerMethods; args: unknown[] }) => {
  try {
    const value = (methods[method] as (...args: unknown[]) => unknown)(...args);
    parentPort!.postMessage({ id, value });
  } catch (error) {
    parentPort!.postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});

// The standard library's types are parsed before the first cell asks for them.
compiler.compile('0');
