/** The log of one attempt at a task, created at the first output. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Task } from '../run/task';
import type { Store } from '../store/store';

export class AttemptLog {
  readonly path: string;
  private written = false;

  constructor(store: Store, task: Task, attempt: number) {
    const time = new Date().toISOString().replaceAll(':', '-');
    this.path = join(store.root, 'logs', task.stage, `${task.key.slice(0, 12)}-${time}-attempt-${attempt}.log`);
  }

  /** The path, if anything was written. */
  get kept(): string | undefined {
    return this.written ? this.path : undefined;
  }

  write(text: string): void {
    try {
      if (!this.written) mkdirSync(dirname(this.path), { recursive: true });
      this.written = true;
      appendFileSync(this.path, text);
    } catch {
      // A full disk: the task's own error says so, and a log must not hide it.
    }
  }
}
