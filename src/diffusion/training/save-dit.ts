/** Writes a trained DiT prior's folder: weights, configs, classes, the training report and the card. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClassConditionalDiffusion } from '../class-conditional';
import type { CardOptions } from './card';
import { writePriorFolder } from './save-prior';
import type { DitReport } from './train-dit';

/** Like savePrior, for a DiT: ClassConditionalDiffusion.load and Python's diffusers open the folder. */
export async function saveDitPrior(
  { prior, report }: { prior: ClassConditionalDiffusion; report: DitReport },
  { folder, ...card }: Omit<CardOptions, 'classes'> & { folder: string },
): Promise<void> {
  await writePriorFolder(folder, async (part) => {
    await prior.save(part, { dtype: 'float16' });
    writeFileSync(join(part, 'training.json'), `${JSON.stringify(report, null, 1)}\n`);
    writeFileSync(join(part, 'README.md'), ditCard(report, { ...card, classes: prior.classes }));
  });
}

/** The card as Markdown. Every number comes from the report. */
export function ditCard(report: DitReport, { data, classes, command }: CardOptions): string {
  const { recipe, images, parameters, losses, seconds, steps } = report;
  const { batch, classDropout, emaDecay } = recipe.training;
  return `# Prior: ${recipe.name}

A class-conditional latent diffusion model (DiT) in the Hugging Face diffusers layout, trained by Stillhouse; weights in float16.

- Data: ${data} (${images.count} images of ${images.size}×${images.size}).
- Classes: ${classes.join(', ')}. It knows no other (\`id2label\` in \`model_index.json\`); class ${classes.length} is the null class.
- Transformer: ${parameters.transformer.toLocaleString('en')} parameters, ${steps} steps of ${batch} images, ${classDropout} of them under the null class; weights averaged (${emaDecay}).
- Loss (squared error of the noise plus the bound of the variance), first → last hundredth: ${losses[0]} → ${losses.at(-1)}. Time at work: ${Math.round(seconds / 60)} min.
- Autoencoder: ${parameters.vae.toLocaleString('en')} parameters, taken from a trained prior as it is.
- Seed ${recipe.seed}. Fingerprint of images and recipe: \`${images.fingerprint.slice(0, 16)}\`.

Configs and all losses: \`training.json\`. Train again: \`${command}\`.
`;
}
