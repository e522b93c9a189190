/** `npm run train:priors`: trains the priors that ship in data/priors, each with its card. Resumable at any point. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { showProgress } from '../charts';
import { cifar10, findCifar10, loadImages, stillLife } from '../datasets';
import {
  cifar10Prior,
  type ImageStack,
  type PriorRecipe,
  savePrior,
  stillLifeDit,
  stillLifePrior,
  trainPrior,
} from '../diffusion';
import { trainStillLifeDit } from './train-dit-prior';

const project = fileURLToPath(new URL('../..', import.meta.url));

interface TrainingData {
  recipe: PriorRecipe;
  /** Description of the training images, for the prior's card. */
  data: string;
  load(): Promise<{ images: ImageStack; classes: readonly string[] } | undefined>;
}

/** Experiments distil from other still lifes than these. CIFAR-10 has one training split, which both use. */
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
  /** Name of a recipe. Default: all recipes. */
  only?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Trains and writes data/priors/<name>. @returns the names of those written */
export async function trainPriors({ only, signal }: TrainPriorsOptions = {}): Promise<string[]> {
  const names = [...priors.map(({ recipe }) => recipe.name), stillLifeDit.name];
  if (only !== undefined && !names.includes(only)) {
    throw new Error(`Expected a prior among ${names.join(', ')}, got '${only}'.`);
  }
  const [home, work] = [join(project, 'data', 'priors'), join(project, '.stillhouse', 'training')];
  const chosen = priors.filter(({ recipe }) => only === undefined || recipe.name === only);
  const written: string[] = [];
  for (const { recipe, data, load } of chosen) {
    const loaded = await load();
    if (!loaded) {
      console.log(
        `${recipe.name}: left out, its images are not on this machine. Put CIFAR-10's binary files into data/cifar10.`,
      );
      continue;
    }
    const trained = await trainPrior(recipe, loaded.images, {
      classes: loaded.classes,
      work,
      signal,
      onProgress: showProgress(`Prior ${recipe.name}`),
    });
    const command = `npm run train:priors -- --only ${recipe.name}`;
    await savePrior(trained, { folder: join(home, recipe.name), data, command });
    trained.prior.dispose();
    written.push(recipe.name);
  }
  if (only === undefined || only === stillLifeDit.name) {
    await trainStillLifeDit({ home, work, signal });
    written.push(stillLifeDit.name);
  }
  return written;
}
