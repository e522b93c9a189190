/** `npm run train:priors`: trains the priors that ship in data/priors, each with its card. Resumable at any point. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { showProgress } from '../charts';
import { cifar10, findCifar10, loadImages, stillLife } from '../datasets';
import {
  cifar10Prior,
  type ImageStack,
  type PriorRecipe,
  type PriorReport,
  stillLifePrior,
  trainPrior,
} from '../diffusion';

const project = fileURLToPath(new URL('../..', import.meta.url));

interface TrainingData {
  recipe: PriorRecipe;
  /** What a reader needs to know of the images. */
  data: string;
  load(): Promise<{ images: ImageStack; classes: readonly string[] } | undefined>;
}

/** The still lifes are none that experiments distil from; CIFAR-10 has one training split, which both see. */
const priors: TrainingData[] = [
  {
    recipe: stillLifePrior,
    data: '8,000 still lifes rendered by this project: stillLife({ split: "train", perClass: 800, seed: 1 }); experiments use seed 0',
    async load() {
      const world = stillLife({ split: 'train', perClass: 800, seed: 1 });
      const { pixels, labels, size } = await world.renderAll({ onProgress: showProgress('Rendering') });
      return { images: { pixels, labels, count: labels.length, height: size, width: size }, classes: world.classes };
    },
  },
  {
    recipe: cifar10Prior,
    data: "CIFAR-10's 50,000 training images (Krizhevsky 2009)",
    async load() {
      const folder = await findCifar10();
      if (!folder) return undefined;
      const dataset = cifar10({ folder, split: 'train' });
      const { pixels, labels, size } = await loadImages(dataset);
      return { images: { pixels, labels, count: labels.length, height: size, width: size }, classes: dataset.classes };
    },
  },
];

export interface TrainPriorsOptions {
  /** One of the recipes' names; default all. */
  only?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Trains and writes data/priors/<name>. @returns the names of those written */
export async function trainPriors({ only, signal }: TrainPriorsOptions = {}): Promise<string[]> {
  const chosen = priors.filter(({ recipe }) => only === undefined || recipe.name === only);
  if (chosen.length === 0) {
    throw new Error(`Expected a prior among ${priors.map(({ recipe }) => recipe.name).join(', ')}, got '${only}'.`);
  }
  const written: string[] = [];
  for (const { recipe, data, load } of chosen) {
    const loaded = await load();
    if (!loaded) {
      console.log(
        `${recipe.name}: left out, its images are not on this machine. Put CIFAR-10's binary files into data/cifar10.`,
      );
      continue;
    }
    const { prior, report } = await trainPrior(recipe, loaded.images, {
      classes: loaded.classes,
      work: join(project, '.stillhouse', 'training'),
      signal,
      onProgress: showProgress(`Prior ${recipe.name}`),
    });
    const folder = join(project, 'data', 'priors', recipe.name);
    const part = `${folder}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part, { recursive: true });
    await prior.save(part, { dtype: 'float16' });
    writeFileSync(join(part, 'training.json'), `${JSON.stringify(report, null, 1)}\n`);
    writeFileSync(join(part, 'README.md'), priorCard(report, { data, classes: loaded.classes }));
    rmSync(folder, { recursive: true, force: true });
    renameSync(part, folder);
    prior.dispose();
    written.push(recipe.name);
  }
  return written;
}

/** A prior's card: what it is, how it was made, how to make it again. Every number is the report's. */
export function priorCard(
  report: PriorReport,
  { data, classes }: { data: string; classes: readonly string[] },
): string {
  const { recipe, images, parameters } = report;
  const part = (
    name: string,
    count: number,
    { steps, losses, seconds }: PriorReport['denoiser'],
    batch: number,
  ): string =>
    `| ${name} | ${count.toLocaleString('en')} | ${steps} × ${batch} | ${losses[0]} → ${losses.at(-1)} | ${Math.round(seconds / 60)} min |`;
  return `# Prior: ${recipe.name}

A latent diffusion model in the Hugging Face diffusers layout, trained by this project; weights in float16.

- Data: ${data} (${images.count} images of ${images.width}×${images.height}).
- Classes: ${classes.join(', ')}.
- Prompts: \`${recipe.prompt}\` with the class name, and \`${recipe.nullPrompt}\` for a share of each batch.
- Seed ${recipe.seed}. Fingerprint of images and recipe: \`${images.fingerprint.slice(0, 16)}\`.

| part | parameters | steps × batch | loss, first → last hundredth | time at work |
|---|---|---|---|---|
${part('autoencoder', parameters.vae, report.autoencoder, recipe.training.autoencoder.batch)}
${part('CLIP pair (text + vision)', parameters.text + parameters.vision, report.clip, recipe.training.clip.batch)}
${part('denoiser (UNet, averaged weights)', parameters.unet, report.denoiser, recipe.training.denoiser.batch)}

The CLIP pair has seen class captions only: its text encoder tells classes apart and nothing more. Configs and all losses:
\`training.json\`. Train again: \`npm run train:priors -- --only ${recipe.name}\`.
`;
}
