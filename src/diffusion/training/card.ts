/** A prior's model card: what it is, how it was trained, how to train it again. */
import type { TrainingReport } from '../../models';
import type { PriorReport } from './train-prior';

export interface CardOptions {
  /** Description of the images. */
  data: string;
  classes: readonly string[];
  /** The command that trains it again. */
  command: string;
}

/** The card as Markdown. Every number comes from the report. */
export function priorCard(report: PriorReport, { data, classes, command }: CardOptions): string {
  const { recipe, images, parameters } = report;
  const part = (name: string, count: number, { steps, losses, seconds }: TrainingReport, batch: number): string =>
    `| ${name} | ${count.toLocaleString('en')} | ${steps} × ${batch} | ${losses[0]} → ${losses.at(-1)} | ${Math.round(seconds / 60)} min |`;
  return `# Prior: ${recipe.name}

A latent diffusion model in the Hugging Face diffusers layout, trained by Stillhouse; weights in float16.

- Data: ${data} (${images.count} images of ${images.width}×${images.height}).
- Classes: ${classes.join(', ')}. It knows no other (\`classes.json\`).
- Prompts: \`${recipe.prompt}\` with the class name, and \`${recipe.nullPrompt}\` for a share of each batch.
- Seed ${recipe.seed}. Fingerprint of images and recipe: \`${images.fingerprint.slice(0, 16)}\`.

| part | parameters | steps × batch | loss, first → last hundredth | time at work |
|---|---|---|---|---|
${part('autoencoder', parameters.vae, report.autoencoder, recipe.training.autoencoder.batch)}
${part('CLIP pair (text + vision)', parameters.text + parameters.vision, report.clip, recipe.training.clip.batch)}
${part('denoiser (UNet, averaged weights)', parameters.unet, report.denoiser, recipe.training.denoiser.batch)}

The CLIP pair has seen class captions only: its text encoder tells classes apart and nothing more. Configs and all losses:
\`training.json\`. Train again: \`${command}\`.
`;
}
