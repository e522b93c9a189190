/** `npm test`: types, lint and format, then the suite; the last line is the count. `npm run check` omits the suite. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { local, root } from './paths.mjs';
import { readIfThere } from './stamp.mjs';
import { countTests, parseReport } from './test-count.mjs';

const bin = (...path) => join(root, 'node_modules', ...path);

/** Runs a Node program that shares our output; returns whether its exit status was 0. */
function run(args, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}

const plain = process.stdout.isTTY ? [] : ['--colors=off'];

/** The static checks. Programs are called by path, because npx would find the TypeScript fork of tslab. */
const checks = [
  ['types', [bin('typescript', 'bin', 'tsc'), '--project', '.']],
  [
    'lint and format',
    [bin('@biomejs', 'biome', 'bin', 'biome'), 'ci', '--error-on-warnings', '--diagnostic-level=warn', ...plain, '.'],
  ],
];

async function runChecks() {
  const [held, broken] = [[], []];
  for (const [name, args] of checks) {
    process.stdout.write(`${name} …\n`);
    ((await run(args)) ? held : broken).push(name);
  }
  return { held, broken };
}

/** @returns {Promise<number>} exit code */
export async function runChecksAlone() {
  const { held, broken } = await runChecks();
  process.stdout.write(
    `${held.length} passed, ${broken.length} failed${broken.length ? `: ${broken.join(', ')}` : ''}\n`,
  );
  return broken.length ? 1 : 0;
}

/**
 * @param {string[]} args passed on to vitest; with file names, only these tests run
 * @returns {Promise<number>} exit code
 */
export async function runTests(args = []) {
  const { held, broken } = await runChecks();
  const report = join(local, `test-report-${process.pid}.json`);
  mkdirSync(local, { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  if (!process.stdout.isTTY) reporters.push('--no-color');
  const green = await run([bin('vitest', 'vitest.mjs'), 'run', ...reporters, ...args]);
  const seen = parseReport(readIfThere(report), (text) => process.stdout.write(`${text}\n`));
  rmSync(report, { force: true });
  const { failed, skipped, line } = countTests({ report: seen, green, held, broken });
  // A choice of titles skips all others, which needs no list.
  const byTitle = args.some((arg) => arg.startsWith('-t') || arg.startsWith('--testNamePattern'));
  for (const title of byTitle ? [] : skipped) process.stdout.write(`Skipped: ${title}\n`);
  for (const name of broken) process.stdout.write(`Failed: ${name}\n`);
  process.stdout.write(`${line}\n`);
  return failed === 0 ? 0 : 1;
}
