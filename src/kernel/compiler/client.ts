/** The server's end of the compiler thread. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { KernelOptions } from '../kernel-options';
import type { CompilerMethods, WorkerData } from './worker';

type Answer = { resolve(value: unknown): void; reject(error: Error): void };

type FromWorker = { id: number; value?: unknown; error?: string; imports?: string[] };

/** Asks the compiler thread; answers come in the order of the questions. */
export class CompilerClient {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Answer>();
  private next = 0;

  /** @param onImports Called with the imports of the cell that is being checked. */
  constructor(
    private readonly kernel: KernelOptions,
    private readonly onImports: (modules: string[]) => void,
  ) {}

  /** Calls a method of the compiler. The thread starts with the first call, or with `start`. */
  ask<M extends keyof CompilerMethods>(
    method: M,
    ...args: Parameters<CompilerMethods[M]>
  ): Promise<ReturnType<CompilerMethods[M]>> {
    const worker = this.start();
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ id, method, args });
    });
  }

  /** Starts the thread, so that it is ready when the first cell comes. */
  start(): Worker {
    if (this.worker) return this.worker;
    const { programs, folder, root, language } = this.kernel;
    const worker = new Worker(join(programs, 'compiler', 'worker.mjs'), {
      // MB; half the default. As fast for a compiler, with less memory between garbage collections.
      resourceLimits: { maxYoungGenerationSizeMb: 24 },
      // Jupyter's server names the kernel's notebook in an environment variable.
      workerData: {
        folder,
        root,
        language,
        notebook: process.env.JPY_SESSION_NAME,
        cache: join(programs, 'outlines.json'),
      } satisfies WorkerData,
    });
    worker.on('message', ({ id, value, error, imports }: FromWorker) => {
      if (imports) return this.onImports(imports);
      const answer = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) answer?.resolve(value);
      else answer?.reject(new Error(error));
    });
    const lost = (error: Error) => {
      // An error is followed by an exit, and by then there may be a new thread with questions of its own.
      if (this.worker === worker) this.lost(error);
    };
    worker.on('error', (error) => lost(error as Error));
    worker.on('exit', (code) => lost(new Error(`The compiler thread ended with code ${code}; it starts again.`)));
    worker.unref();
    this.worker = worker;
    return worker;
  }

  private lost(error: Error): void {
    this.worker = undefined;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
