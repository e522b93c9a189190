/** Runs a program and shows that it lives: one line in a terminal, a line now and then in a log. */
import { spawn } from 'node:child_process';
import { SetupProblem } from './problem.mjs';

const seconds = (start) => Math.round((Date.now() - start) / 1000);

/**
 * @param {string} label what is done, for the progress line
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, remedy?: string, progress?: (line: string) => string | undefined }} [options]
 *   `progress` turns a line of output into a short state ('120 of 274 MB')
 * @returns {Promise<string>} what the program wrote to standard output
 * @throws {SetupProblem} with the end of its output when it fails
 */
export function runCommand(label, program, args, { cwd, env, remedy, progress } = {}) {
  return new Promise((resolve, reject) => {
    const start = Date.now();
    let [output, all, state] = ['', '', ''];
    const child = spawn(program, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const terminal = process.stderr.isTTY;
    const show = () => {
      const line = `  ${label} … ${state || `${seconds(start)} s`}`;
      process.stderr.write(terminal ? `\r\x1b[K${line}` : `${line}\n`);
    };
    const timer = setInterval(show, terminal ? 500 : 15_000);
    const read = (chunk) => {
      const text = String(chunk);
      all = (all + text).slice(-20_000);
      for (const line of text.split(/[\r\n]+/)) state = progress?.(line) ?? state;
      return text;
    };
    child.stdout.on('data', (chunk) => {
      output += read(chunk);
    });
    child.stderr.on('data', read);
    const finish = () => {
      clearInterval(timer);
      if (terminal) process.stderr.write('\r\x1b[K');
    };
    child.on('error', (error) => {
      finish();
      reject(
        new SetupProblem(
          `${label}: '${program}' could not be started (${error.message}).`,
          remedy ?? `Install ${program} and run the same command again.`,
          { cause: error },
        ),
      );
    });
    child.on('close', (code, signal) => {
      finish();
      if (code === 0) {
        process.stderr.write(`  ${label}: ${seconds(start)} s\n`);
        resolve(output);
      } else {
        const tail = all.trim().split('\n').slice(-12).join('\n    ');
        reject(
          new SetupProblem(
            `${label} failed (${signal ?? `exit ${code}`}):\n    ${tail}`,
            remedy ?? 'Mend what it says and run the same command again; what is done is kept.',
          ),
        );
      }
    });
  });
}
