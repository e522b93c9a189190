/** `npm test`: types, lint and format, then the suite; the last line is the count. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { local, root } from './paths.mjs';

const bin = (...path) => join(root, 'node_modules', ...path);
const run = (program, args) =>
  spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;

/** The checks that need no run: [name, program, arguments]. tslab's fork of TypeScript has taken `npx tsc`. */
const checks = [
  ['types', process.execPath, [bin('typescript', 'bin', 'tsc'), '--project', '.']],
  ['lint and format', process.execPath, [bin('@biomejs', 'biome', 'bin', 'biome'), 'ci', '--error-on-warnings', '.']],
];

/**
 * @param {string[]} args passed on to vitest; with file names, only these tests run
 * @returns {Promise<number>} exit code
 */
export async function runTests(args = []) {
  const broken = [];
  for (const [name, program, list] of checks) {
    process.stdout.write(`${name} …\n`);
    if (!run(program, list)) broken.push(name);
  }
  const report = join(local, `test-report-${process.pid}.json`);
  mkdirSync(local, { recursive: true });
  const green = run(process.execPath, [
    bin('vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ]);
  const {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    numFailedTestSuites: suites,
  } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);
  for (const name of broken) process.stdout.write(`Failed: ${name}\n`);
  const allFailed = failed + broken.length + (failed === 0 ? suites : 0);
  process.stdout.write(
    `${passed + checks.length - broken.length} passed, ${allFailed} failed${skipped ? `, ${skipped} skipped` : ''}\n`,
  );
  return green && broken.length === 0 ? 0 : 1;
}
