/** Cells without a kernel, for tests: compiled, and run in this process. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { CellCompiler } from '../../../src/kernel/compiler/compiler';
import type { TypeErrors } from '../../../src/kernel/compiler/type-errors';
import type { CellLanguage } from '../../../src/kernel/language';
import { ROOT } from './kernel-client';

export interface CellRunnerOptions {
  language?: CellLanguage;
  typeErrors?: TypeErrors;
}

export interface CellRunner {
  compiler: CellCompiler;
  /** Compiles a cell and runs it; gives its last value. Rejects with the lines of its problems. */
  run(source: string): Promise<unknown>;
  /** Begins a new notebook. */
  restart(): void;
}

/** A notebook in the project's own folder of notebooks. */
export function cellRunner({ language = 'typescript', typeErrors = 'refuse' }: CellRunnerOptions = {}): CellRunner {
  const folder = join(ROOT, 'notebooks');
  const compiler = new CellCompiler(folder, ROOT, { language });
  let scope: Record<string, unknown> = Object.create(null);
  const run = async (source: string): Promise<unknown> => {
    const compilation = compiler.compile(source, { typeErrors });
    if (!compilation.ok)
      throw new Error(
        compilation.problems.map(({ code, message, line }) => `${line}: TS${code} ${message}`).join('\n'),
      );
    const { javascript } = compilation.cell;
    const cell = new Script(javascript).runInThisContext() as (
      ...runtime: unknown[]
    ) => Promise<{ value: unknown } | undefined>;
    const reached: number[] = [];
    const runtime = [
      scope,
      new Int32Array(1),
      () => undefined,
      (value: unknown) => value,
      (n: number) => reached.push(n),
      { url: 'cell' },
      (name: string) => import(name),
      createRequire(join(folder, 'cell.ts')),
    ];
    try {
      const outcome = await cell(...runtime);
      compiler.commit(compilation.cell);
      return outcome?.value;
    } catch (error) {
      compiler.commit(compilation.cell, reached);
      throw error;
    }
  };
  const restart = () => {
    compiler.reset();
    scope = Object.create(null);
  };
  return { compiler, run, restart };
}
