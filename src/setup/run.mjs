/** `node src/setup/run.mjs COMMAND …`: sets up, then runs the project's command line. The npm scripts go through here. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { root } from './paths.mjs';
import { SetupProblem } from './problem.mjs';

const [command = 'setup', ...args] = process.argv.slice(2);
try {
  await bootstrap({ lab: command === 'lab' || command === 'test' });
} catch (error) {
  if (!(error instanceof SetupProblem)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
if (command === 'setup') {
  process.stderr.write('Everything is in place. Next: npm run reproduce\n');
} else if (command === 'test') {
  const { runTests } = await import('./test.mjs');
  process.exitCode = await runTests(args);
} else {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'src', 'cli.ts'), command, ...args], {
    stdio: 'inherit',
    cwd: process.cwd(),
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
