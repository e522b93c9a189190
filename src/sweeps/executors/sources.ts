/** What a process that runs a task must find on the disk: the bytes that the task's key was made of. */
import { SweepError } from '../errors';
import type { Task } from '../run/task';
import { rawHashes } from '../stage/source';
import type { AnyStage } from '../stage/stage';

/** Raw hash of each file of a stage's code, by path. */
export type RawHashes = Readonly<Record<string, string>>;

interface Look {
  /** Hash of the code that the bytes are. */
  code: string;
  hashes: RawHashes;
}

/** Milliseconds for which a look counts: short tasks share it. Workers compare the bytes that they load in any case. */
const KEPT = 1000;

export class Sources {
  private readonly looks = new Map<AnyStage, Promise<Look>>();

  /** Raw hashes of a task's files. @throws SweepError where they are no longer what its key was made of */
  async of(task: Task, stage: AnyStage): Promise<RawHashes> {
    const known = await this.looks.get(stage);
    const { code, hashes } = known?.code === task.material.code ? known : await this.lookAgain(stage);
    if (code === task.material.code) return hashes;
    throw new SweepError(
      `Stage "${task.stage}": its code was edited after the run began. Run again: what's finished is kept.`,
    );
  }

  private lookAgain(stage: AnyStage): Promise<Look> {
    const look = lookAt(stage);
    const forget = () => this.looks.get(stage) === look && this.looks.delete(stage);
    this.looks.set(stage, look);
    look.then(() => setTimeout(forget, KEPT).unref(), forget);
    return look;
  }
}

async function lookAt(stage: AnyStage): Promise<Look> {
  const code = await stage.code();
  return { code: code.hash, hashes: rawHashes(code) };
}
