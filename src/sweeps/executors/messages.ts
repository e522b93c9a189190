/** Messages between a scheduler and its worker processes. */
import { DamagedArtifactError, EditedCodeError, StoreFullError } from '../errors';
import type { Task } from '../run/task';
import type { Progress } from '../stage/context';
import type { RawHashes } from './sources';

export type ToWorker =
  | {
      type: 'task';
      task: Task;
      /** The store's folder. */
      store: string;
      /** Raw hash of each source file, where the worker hasn't checked them before. */
      sources: RawHashes | undefined;
    }
  | { type: 'abort' };

export type FromWorker =
  | { type: 'ready' }
  | { type: 'progress'; progress: Progress }
  | { type: 'log'; line: string }
  | { type: 'done' }
  | { type: 'error'; error: SentError };

/** An error as data. */
export interface SentError {
  name: string;
  message: string;
  stack: string;
  damaged?: { hash: string; path: string; damage: string };
  full?: string;
  edited?: true;
}

export function sentError(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const sent: SentError = { name: error.name, message: error.message, stack: error.stack ?? error.message };
  if (error instanceof DamagedArtifactError) {
    sent.damaged = { hash: error.hash, path: error.path, damage: error.damage };
  }
  if (error instanceof StoreFullError) sent.full = error.root;
  if (error instanceof EditedCodeError) sent.edited = true;
  return sent;
}

export function receivedError({ name, message, stack, damaged, full, edited }: SentError): Error {
  if (damaged) return new DamagedArtifactError(damaged.hash, damaged.path, damaged.damage);
  if (edited) return new EditedCodeError(message);
  const cause = Object.assign(new Error(message), { name, stack });
  return full === undefined ? cause : new StoreFullError(full, cause);
}
