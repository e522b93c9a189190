/** `prompt()`: asks the user and blocks until they answer, as in a browser. */
import { send } from './channel';
import { currentRun, Interrupted } from './runs';
import { FLAG, type Shared } from './shared';

/** Defines `prompt` and `promptSecret` for every cell. */
export function installInput({ flags, input }: Shared): void {
  Atomics.store(flags, FLAG.input, -1);
  const ask = (message: string, password: boolean): string | null => {
    const run = currentRun();
    if (!run?.allowInput) {
      throw new Error(
        'Expected a front-end that supports input, but this one does not. Set the value in the cell instead.',
      );
    }
    Atomics.store(flags, FLAG.input, 0);
    send({ type: 'input', run: run.run, prompt: message, password });
    Atomics.wait(flags, FLAG.input, 0);
    const answer = Atomics.load(flags, FLAG.input);
    if (Atomics.load(flags, FLAG.stop) !== 0) throw new Interrupted();
    return answer < 0 ? null : Buffer.from(input.slice(0, answer - 1)).toString('utf8');
  };
  const define = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  define('prompt', (message: unknown = '', initial?: string) => ask(String(message), false) || (initial ?? ''));
  define('promptSecret', (message: unknown = '') => ask(String(message), true));
}
