/** Sweeps by what a user calls them: the name of one that the project knows, or a module that declares one. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StageDefinitionError } from './errors';
import { isSweep } from './plan/plan';
import type { Sweep } from './plan/sweep';

/** Sweeps that have a name on the command line, each declared when it's called. */
export type NamedSweeps = Readonly<Record<string, () => Sweep | Promise<Sweep>>>;

/**
 * Finds a sweep.
 * @param what a name of `named`, or `path/to/module.ts`, or `path/to/module.ts#name` where it exports several; what the
 *   module exports is a sweep, or a function without required arguments that gives one
 * @throws StageDefinitionError that names those there are
 */
export async function loadSweep(what: string, named: NamedSweeps = {}): Promise<Sweep> {
  const declared = Object.hasOwn(named, what) ? named[what] : undefined;
  if (declared) return declared();
  const [path = '', name] = what.split('#');
  if (!existsSync(path) || !/\.[cm]?[jt]s$/.test(path)) {
    throw new StageDefinitionError(
      `Expected the name of a sweep (${Object.keys(named).join(', ') || 'there are none'}) or a module that declares one, got "${what}".`,
    );
  }
  const exports = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  const fitting = Object.entries(exports).filter(
    ([key, value]) => (name === undefined ? key === 'default' || isSweep(value) : key === name) && value !== undefined,
  );
  const [found] = fitting;
  if (!found || new Set(fitting.map(([, value]) => value)).size > 1) {
    throw new StageDefinitionError(
      `Expected one sweep in ${path}, got ${fitting.length}. It exports ${Object.keys(exports).join(', ')}: call one by ${path}#name.`,
    );
  }
  const value: unknown = typeof found[1] === 'function' ? await (found[1] as () => unknown)() : found[1];
  if (isSweep(value)) return value;
  throw new StageDefinitionError(`Expected \`${found[0]}\` of ${path} to be a sweep, got ${typeof value}.`);
}
