/** Writes a trained DiT prior's folder: weights, configs, classes, the training report and the card. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingReport } from '../../models';
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
  const { recipe, images, parameters, autoencoder, transformer } = report;
  const { classDropout, emaDecay } = recipe.training;
  const work = ({ steps, losses, seconds }: TrainingReport, { batch }: { batch: number }) =>
    `${steps} × ${batch} | ${losses[0]} → ${losses.at(-1)} | ${Math.round(seconds / 60)} min`;
  return `# Prior: ${recipe.name}

A class-conditional latent diffusion model (DiT) in the Hugging Face diffusers layout, trained by Stillhouse; weights in float16.

- Data: ${data} (${images.count} images of ${images.size}×${images.size}).
- Classes: ${classes.join(', ')}. It knows no other (\`id2label\` in \`model_index.json\`); class ${classes.length} is the null class.
- Seed ${recipe.seed}. Fingerprint of images and recipe: \`${images.fingerprint.slice(0, 16)}\`.

| part | parameters | steps × batch | loss, first → last hundredth | time at work |
|---|---|---|---|---|
| autoencoder | ${parameters.vae.toLocaleString('en')} | ${work(autoencoder, recipe.autoencoder.training)} |
| DiT (averaged weights, ${emaDecay}) | ${parameters.transformer.toLocaleString('en')} | ${work(transformer, recipe.training)} |

The autoencoder's loss is the mean absolute plus the mean squared error of values from −1 to 1. The DiT's is the squared
error of the noise plus the bound of the variance; ${100 * classDropout} % of its images are under the null class.
Configs and all losses: \`training.json\`. Train again: \`${command}\`.
`;
}
