/** Tests of C++ headers by small programs that a compiler of this machine makes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../helpers/temporary';

const compiler = process.env.CXX ?? 'g++';

/** For a test's title: why no program can be compiled here; nothing where one can. */
export const whyNotCompiled =
  spawnSync(compiler, ['--version']).status === 0 ? '' : ` (skipped: there is no ${compiler} here)`;

/**
 * Compiles a program that includes headers of src/engine/native, and runs it on sixteen threads.
 * @param include folders of other headers
 * @returns what it printed
 * @throws where its exit code isn't 0
 */
export function runProgram(source: string, include: readonly string[] = []): string {
  const folder = temporaryFolder();
  const [file, binary] = [join(folder, 'main.cc'), join(folder, 'main')];
  writeFileSync(file, source);
  const headers = [new URL('../../src/engine/native', import.meta.url).pathname, ...include].map((one) => `-I${one}`);
  execFileSync(compiler, ['-std=c++17', '-O1', '-pthread', ...headers, file, '-o', binary]);
  return execFileSync(binary, { encoding: 'utf8', env: { ...process.env, TF_NUM_INTRAOP_THREADS: '16' } });
}
