/** Checkpoints of stages that take long: outside of the store, found again by all that the work depends on. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { fingerprint } from '../../datasets';
import type { AnyStage, StageContext } from '../../sweeps';

/** Where they lie; as a stage's `unkeyed` setting. */
export const workSchema = z
  .object({ work: z.string() })
  .prefault({ work: fileURLToPath(new URL('../../../.stillhouse/training', import.meta.url)) });

/**
 * Runs `use` with the checkpoint to write and to go on from. It stays until the stage's output is in the store: a full disk or
 * a kill before that costs nothing.
 * @param of fingerprints and settings, which together with the stage's code say which work it is
 */
export async function withCheckpoint<Result>(
  stage: AnyStage,
  { unkeyed, afterFiled }: Pick<StageContext<z.output<typeof workSchema>>, 'unkeyed' | 'afterFiled'>,
  of: readonly unknown[],
  use: (checkpoint: { file: string }) => Promise<Result>,
): Promise<Result> {
  const { hash } = await stage.code();
  const which = fingerprint(hash, JSON.stringify(of)).slice(0, 16);
  mkdirSync(unkeyed.work, { recursive: true });
  const file = join(unkeyed.work, `${stage.name}-${which}.safetensors`);
  afterFiled(() => rmSync(file, { force: true }));
  return use({ file });
}
