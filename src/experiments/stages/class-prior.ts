/** The class-conditional prior (DiT) of a stage, as it is or with the weights of a fine-tuning. */
import { join } from 'node:path';
import { z } from 'zod';
import { ClassConditionalDiffusion } from '../../diffusion';
import { type DiT, SafetensorsFile, type StoredTensor, writeSafetensors } from '../../models';
import type { StageContext, StoredFile } from '../../sweeps';
import { unchangedPriorFolder } from '../priors';

/** As priorSchema, whose file would bring UNet and CLIP into the keys. */
export const classPriorSchema = z.strictObject({
  /** Name in data/priors, or a folder. */
  name: z.string(),
  /** priorFingerprint of the folder. */
  fingerprint: z.string(),
});
export type StageClassPrior = z.infer<typeof classPriorSchema>;

/** Loads a class-conditional prior, once per process. */
export const keptClassPrior = (
  context: Pick<StageContext, 'keep'>,
  prior: StageClassPrior,
): Promise<ClassConditionalDiffusion> =>
  context.keep(
    `class prior ${prior.fingerprint}`,
    () => ClassConditionalDiffusion.load(unchangedPriorFolder(prior)),
    (loaded) => loaded.dispose(),
  );

/** Puts the tensors of `tuned` that differ from the prior's into the store: the others are read from the prior again. */
export async function storeWeights(
  context: Pick<StageContext, 'scratch' | 'file'>,
  tuned: DiT,
  { transformer }: ClassConditionalDiffusion,
): Promise<StoredFile> {
  const before = await transformer.stateDict();
  const changed = new Map<string, StoredTensor>();
  for (const [name, tensor] of await tuned.stateDict()) {
    const { data } = before.get(name)!;
    if (tensor.data.some((value, i) => value !== data[i])) changed.set(name, tensor);
  }
  const file = join(await context.scratch(), 'transformer.safetensors');
  writeSafetensors(file, changed);
  return context.file(file);
}

/** Runs `use` with the prior under these weights, or as it is without any, and frees what is its own afterwards. */
export async function withWeights<Result>(
  context: Pick<StageContext, 'scratch'>,
  original: ClassConditionalDiffusion,
  weights: StoredFile | undefined,
  use: (prior: ClassConditionalDiffusion) => Promise<Result>,
): Promise<Result> {
  if (!weights) return use(original);
  const file = join(await context.scratch(), 'transformer.safetensors');
  await weights.linkTo(file);
  const prior = await original.withOwnTransformer();
  try {
    prior.transformer.load(new SafetensorsFile(file), { strict: false });
    return await use(prior);
  } finally {
    prior.transformer.dispose();
  }
}
