#!/usr/bin/env node
/** `stillhouse COMMAND …` and every npm script: sets the clone up where it is not, then runs the command line. */
import { checkNode } from './setup/node-version.mjs';
import { SetupProblem } from './setup/problem.mjs';

const [command = 'help', ...args] = process.argv.slice(2);
const isTest = command === 'test';
/** Help of every command stands in cli.ts, also of those that run here. */
const wantsHelp = args.length === 1 && ['--help', '-h'].includes(args[0]);

try {
  checkNode();
  const { bootstrap } = await import('./setup/bootstrap.mjs');
  const lab = command === 'lab' || (command === 'setup' && args.includes('--lab'));
  await bootstrap({ lab: lab && !wantsHelp });
} catch (error) {
  process.stderr.write(error instanceof SetupProblem ? `${error.message}\n` : `${error.stack ?? error}\n`);
  if (isTest) process.stdout.write('0 passed, 1 failed\n');
  process.exit(1);
}

if (command === 'setup' && !wantsHelp) {
  process.stdout.write('Everything is in place. Next: npm run reproduce\n');
} else if (command === 'lab' && !wantsHelp) {
  const { runLab } = await import('./setup/lab.mjs');
  process.exitCode = await runLab(args);
} else if ((isTest || command === 'check') && !wantsHelp) {
  const { runChecksAlone, runTests } = await import('./setup/test.mjs');
  process.exitCode = isTest ? await runTests(args) : await runChecksAlone();
} else {
  const { register } = await import('tsx/esm/api');
  register();
  process.setSourceMapsEnabled(true);
  // Processes and threads that the command starts load TypeScript too.
  process.execArgv.push('--import', import.meta.resolve('tsx'));
  const { run } = await import('./cli.ts');
  await run(process.argv);
}
