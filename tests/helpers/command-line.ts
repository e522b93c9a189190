import { vi } from 'vitest';
import { run } from '../../src/cli.ts';

/** `stillhouse …` in this process: what it printed, and its exit code. */
export async function stillhouse(...args: string[]): Promise<{ text: string; code: number }> {
  let text = '';
  const take = (part: string | Uint8Array) => {
    text += part;
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(take as typeof process.stdout.write);
  vi.spyOn(process.stderr, 'write').mockImplementation(take as typeof process.stderr.write);
  // Vitest's console goes past the streams.
  const line = (...words: unknown[]) => void take(`${words.join(' ')}\n`);
  vi.spyOn(console, 'log').mockImplementation(line);
  vi.spyOn(console, 'error').mockImplementation(line);
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await run(['node', 'stillhouse', ...args]);
    return { text, code: Number(process.exitCode) };
  } finally {
    process.exitCode = before;
    vi.restoreAllMocks();
  }
}
