/** Finds a task's stage in this process, by loading its module, and executes it. */
import { EditedCodeError, StageDefinitionError } from '../errors';
import { executeTask, type Task, type TaskHooks } from '../run/task';
import { changedSource } from '../stage/source';
import { registeredStage } from '../stage/stage';
import { Store } from '../store/store';
import type { RawHashes } from './sources';

/**
 * @param sources raw hash of each file that the task's key was made of, where the caller hasn't checked them before
 * @throws EditedCodeError where this process would run other code than the key says: its caller ends it
 */
export async function perform(
  task: Task,
  storeRoot: string,
  sources: RawHashes | undefined,
  hooks: TaskHooks,
): Promise<void> {
  if (task.module === undefined) {
    throw new StageDefinitionError(
      `Expected stage "${task.stage}" to name its module (\`code: import.meta.url\`), so that another process can load it; one of a notebook cell runs in the notebook alone.`,
    );
  }
  await import(task.module);
  const changed = sources && changedSource(sources);
  if (changed) {
    throw new EditedCodeError(
      `Stage "${task.stage}": ${changed} was edited after the run began. Run again: what's finished is kept.`,
    );
  }
  const stage = registeredStage(task.module, task.stage);
  if (!stage) {
    throw new StageDefinitionError(
      `Expected ${task.module} to define stage "${task.stage}" when it's loaded, but it does not.`,
    );
  }
  await executeTask(new Store(storeRoot), stage, task, hooks);
}
