/** What a stage's function gets beside its parameters and inputs. */
import type { OnProgress, Progress } from '../../common';
import type { StoredFile, StoredFolder } from '../store/folder';

export type { OnProgress, Progress };

/** Passed to `run`. `U` is the type of the stage's `unkeyed` settings. */
export interface StageContext<U = unknown> {
  /** Aborts when the run is interrupted; pass it to everything long. */
  readonly signal: AbortSignal;
  /** Processor threads this task may use. */
  readonly threads: number;
  /** Settings that are not in the key. */
  readonly unkeyed: U;
  /** Reports progress of this task; the same callback fits as `onProgress` of the engine's long functions. */
  readonly onProgress: OnProgress;
  /** A line for the attempt's log. */
  log(line: string): void;
  /** A fresh empty folder for temporary files, removed after the task. */
  scratch(): Promise<string>;
  /** Called once the output is in the store: to remove what a killed task would go on from. */
  afterFiled(action: () => void): void;
  /** Puts a file into the store; return it as (part of) the output. */
  file(path: string): Promise<StoredFile>;
  /** Puts a folder into the store; return it as (part of) the output. */
  folder(path: string): Promise<StoredFolder>;
  /**
   * Something costly that stays loaded in this process between tasks (a model): made once per `name`, the least used
   * dropped when there are more than four. It must be a function of `name` alone, and tasks must not change it.
   */
  keep<T>(name: string, make: () => T | Promise<T>, dispose?: (value: T) => void): Promise<T>;
}
