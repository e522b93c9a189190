/** Writes a trained prior's folder: weights, configs, classes, the training report and the card. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { LatentDiffusion } from '../pipeline';
import { type CardOptions, priorCard } from './card';
import type { PriorReport } from './train-prior';

/**
 * Writes a folder in the diffusers layout, in half precision, that LatentDiffusion.load and Python's diffusers open.
 * The folder appears whole or not at all, and replaces a prior that was there.
 */
export async function savePrior(
  { prior, report }: { prior: LatentDiffusion; report: PriorReport },
  { folder, ...card }: Omit<CardOptions, 'classes'> & { folder: string },
): Promise<void> {
  await writePriorFolder(folder, async (part) => {
    await prior.save(part, { dtype: 'float16' });
    writeFileSync(join(part, 'training.json'), `${JSON.stringify(report, null, 1)}\n`);
    writeFileSync(join(part, 'README.md'), priorCard(report, { ...card, classes: prior.classes ?? [] }));
  });
}

/** Lets `write` fill a temporary folder, then moves it to `folder`, where it replaces a prior that was there. */
export async function writePriorFolder(folder: string, write: (part: string) => Promise<void>): Promise<void> {
  const target = resolve(folder);
  const part = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  try {
    await write(part);
    refuseOtherContent(target);
    rmSync(target, { recursive: true, force: true });
    renameSync(part, target);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** @throws if a folder holds anything but a prior trained here: a mistyped name must not delete photos or weights */
export function refuseOtherContent(folder: string): void {
  if (!existsSync(folder)) return;
  if (existsSync(join(folder, 'model_index.json')) && existsSync(join(folder, 'training.json'))) return;
  const [first] = readdirSync(folder);
  if (first === undefined) return;
  throw new Error(
    `Expected ${resolve(folder)} to be new, empty or a prior trained before, found '${first}' in it. Choose another folder.`,
  );
}
