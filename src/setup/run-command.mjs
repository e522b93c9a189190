/** Runs a program and shows its progress: one line in a terminal, a line now and then in a log. */
import { spawn } from 'node:child_process';
import { noteProgram } from './lock.mjs';
import { programProblem, SetupProblem } from './problem.mjs';

/**
 * @param {string} label what is done, for the progress line
 * @param {string} program
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} [options.remedy] used if its output names no known cause
 * @param {(line: string, seconds: number) => string | undefined} [options.progress] turns a line of output into a short
 *   state ('120 of 274 MB')
 * @returns {Promise<string>} what the program wrote to standard output
 * @throws {SetupProblem} with the end of its output when it fails
 */
export function runCommand(label, program, args, { cwd, env = process.env, remedy, progress } = {}) {
  return new Promise((resolve, reject) => {
    const start = Date.now();
    const seconds = () => (Date.now() - start) / 1000;
    let [output, all, state, shown] = ['', '', '', ''];
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = noteProgram(child.pid);
    const terminal = process.stderr.isTTY;
    const show = () => {
      const time = Math.round(seconds());
      const line = `  ${label} … ${[state, time && `${time} s`].filter(Boolean).join(', ')}`.trimEnd();
      if (line !== shown) process.stderr.write(terminal ? `\r\x1b[K${line}` : `${line}\n`);
      shown = line;
    };
    show();
    const timer = setInterval(show, terminal ? 500 : 10_000);
    const stop = stopWith(child);
    const read = (chunk) => {
      const text = String(chunk);
      all = (all + text).slice(-50_000);
      for (const line of text.split(/[\r\n]+/)) state = progress?.(line, seconds()) ?? state;
      return text;
    };
    child.stdout.on('data', (chunk) => {
      output += read(chunk);
    });
    child.stderr.on('data', read);
    const finish = () => {
      clearInterval(timer);
      stop();
      ended();
      if (terminal) process.stderr.write('\r\x1b[K');
    };
    child.on('error', (error) => {
      finish();
      const what = `${label}: '${program}' could not be started (${error.message}).`;
      reject(new SetupProblem(what, remedy ?? `Install ${program} and run the same command again.`, { cause: error }));
    });
    child.on('close', (code, signal) => {
      finish();
      if (code === 0) {
        process.stderr.write(`  ${label}: ${seconds().toFixed(seconds() < 10 ? 1 : 0)} s\n`);
        resolve(output);
      } else {
        reject(programProblem(label, signal ?? `exit ${code}`, all, remedy));
      }
    });
  });
}

/** Stops the program when the set-up is interrupted, so that it doesn't interfere with the next set-up. */
function stopWith(child) {
  const forward = (signal) => {
    child.once('close', () => process.exit(signal === 'SIGINT' ? 130 : 143));
    child.kill(signal);
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}
