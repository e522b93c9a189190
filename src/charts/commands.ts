/** The commands `stillhouse share` and `stillhouse verify`. */
import { basename } from 'node:path';
import { bytesText } from '../common';
import { showProgress } from './progress';
import { share } from './share';
import { executeNotebook, verify } from './verify';

export interface CommandStreams {
  /** Receives results. Default: writes to standard output. */
  say?: (line: string) => void;
  /** Receives errors. Default: writes to standard error. */
  warn?: (line: string) => void;
}

/** `stillhouse share NOTEBOOK_OR_FOLDER [--out PATH]` @throws as `share` does */
export async function shareCommand(
  notebook: string,
  { out, say = console.log }: { out?: string } & Pick<CommandStreams, 'say'> = {},
): Promise<void> {
  const { path, files, bytes } = await share(notebook, out, { onProgress: showProgress('Sharing') });
  const size = bytesText(bytes);
  say(files.length === 1 ? `${path} (${size})` : `${path} (${files.length} files, ${size})`);
}

export interface VerifyCommandOptions extends CommandStreams {
  /** Time limit per cell, in seconds. Default: none. */
  timeout?: number;
  /** Kernel name. Default: the notebook's own. */
  kernel?: string;
  /** Runs a notebook. Default: `executeNotebook`. */
  execute?: typeof executeNotebook;
}

/**
 * `stillhouse verify NOTEBOOK... [--timeout SECONDS] [--kernel NAME]`
 * @returns the exit status: 0 if every number holds, 1 if one moved or is missing, 2 if a notebook could not be run.
 * @throws TypeError or ReferenceError as they come: faults of the program, which nobody finds without the place
 */
export async function verifyCommand(
  notebooks: string | readonly string[],
  {
    timeout,
    kernel,
    execute: run = executeNotebook,
    say = console.log,
    warn = console.error,
  }: VerifyCommandOptions = {},
): Promise<number> {
  let status = 0;
  for (const notebook of [notebooks].flat()) {
    try {
      const progress = showProgress(`Running ${basename(notebook)}`);
      const options = { ...(timeout !== undefined && { timeout }), ...(kernel !== undefined && { kernel }) };
      const execute = (path: string) => run(path, { ...options, onProgress: progress });
      const { text, holds } = await verify(notebook, { execute }).finally(progress.finish);
      say(text);
      if (!holds) status = Math.max(status, 1);
    } catch (error) {
      if (error instanceof TypeError || error instanceof ReferenceError) throw error;
      warn((error as Error).message);
      status = 2;
    }
  }
  return status;
}
