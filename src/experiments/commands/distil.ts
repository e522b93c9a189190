/** `npx stillhouse distil FOLDER`: a folder of images to a distilled set. */
import { basename, resolve } from 'node:path';
import { duration, showProgress } from '../../charts';
import { rememberFolder } from '../../datasets';
import type { LatentDiffusion } from '../../diffusion';
import {
  type DistillationPlan,
  type GivenSettings,
  planDistillation,
  requireSavable,
  saveDistilledSet,
  settingsFor,
} from '../../methods';
import { plan, run, Store } from '../../sweeps';
import { type BoundDistillation, bindDistillation } from '../diffusion-driven-selection/bind';
import { loadPrior } from '../load-prior';
import { priorFolder } from '../priors';
import { imageFeatures, noiseLosses } from '../stages';
import { openImages } from './open-images';

export interface DistilCommandOptions extends Pick<GivenSettings, 'draws' | 'patchSize' | 'clusters'> {
  /** Name in data/priors, or a folder in the diffusers layout. */
  prior?: string;
  /** Images per class of the distilled set. */
  ipc: number;
  /** Folder of the distilled set. */
  out: string;
  /** Short side that images are resized to, pixels. Default: that of the prior's images, 256 for Stable Diffusion. */
  size?: number;
  split?: string;
  /** Images of each class that are looked at, at most. Default: all. */
  perClass?: number;
  /** Says the plan, and does no more. */
  planOnly?: boolean;
  signal?: AbortSignal;
  /** Where a line of news goes. Default: standard output. */
  say?: (line: string) => void;
  /** Where losses and features are kept, to go on from. Default: the project's store. */
  store?: Store;
}

/**
 * Distils a folder of images by diffusion-driven selection: says the plan, works out what the store doesn't hold, writes
 * the set.
 * @returns the folder of the set; undefined when the plan was all that was asked for
 * @throws when there is no prior for these images, saying how to train one; when `out` holds something else
 */
export async function distilCommand(folder: string, options: DistilCommandOptions): Promise<string | undefined> {
  const { prior: name, ipc: imagesPerClass, out, size, split, perClass, planOnly = false, signal, ...rest } = options;
  const { say = console.log, store = new Store(), ...given } = rest;
  if (name === undefined) throw new Error(noPrior(folder));
  await requireSavable(out);
  const prior = await loadPrior(name, { signal });
  try {
    const small = prior.classes !== undefined;
    const side = size ?? (small ? Math.min(...[prior.vae.config.sample_size].flat()) : 256);
    // Stable Diffusion takes any shape, as in the paper; small priors have seen squares.
    const dataset = await openImages(folder, { size: side, keepRatio: !small, split, perClass, signal });
    const settings = settingsFor(prior, dataset, { ...given, imagesPerClass });
    const cost = await planDistillation(prior, dataset, settings, { signal });
    rememberFolder(dataset);
    const description = { kind: 'folder', name: dataset.name, fingerprint: dataset.fingerprint } as const;
    const bound = bindDistillation({ ...settings, dataset: description, prior: priorFolder(name) });
    say(distillationPlanText(cost, { prior, imagesPerClass, out, kept: await keptShare(bound, store) }));
    if (planOnly) return undefined;
    const title = `Distilling ${basename(resolve(folder))}`;
    const { output } = await run(bound.distilled, {
      store,
      onProgress: showProgress(title),
      ...(signal && { signal }),
    });
    const saved = await saveDistilledSet(output, out);
    say(`${saved.images.toLocaleString('en')} images in ${out}/train, their sources in ${out}/manifest.json`);
    return saved.folder;
  } finally {
    prior.dispose();
  }
}

const noPrior = (folder: string): string =>
  `Expected --prior, a diffusion prior that knows these classes. Train one on these images: npx stillhouse train-prior ${folder} --out prior, then add --prior prior. Or name a folder with Stable Diffusion v1.5 in the diffusers layout.`;

/** Share of the passes through the prior whose results are in the store, 0 … 1. */
async function keptShare({ distilled }: BoundDistillation, store: Store): Promise<number> {
  const { stages, runsDone } = await plan(distilled, { store });
  if (runsDone > 0) return 1;
  const costly = stages.filter(({ stage }) => stage === noiseLosses.name || stage === imageFeatures.name);
  const sum = (field: 'pieces' | 'hits'): number => costly.reduce((total, line) => total + line[field], 0);
  return sum('hits') / sum('pieces');
}

export interface PlanTextOptions {
  prior: Pick<LatentDiffusion, 'name'>;
  imagesPerClass: number;
  out: string;
  /** Share of the passes that is in the store, 0 … 1. */
  kept: number;
}

/** Images, passes and time, for a person who decides whether to wait. */
export function distillationPlanText(
  { images, classes, passes, secondsPerPass, seconds, settings }: DistillationPlan,
  { prior, imagesPerClass, out, kept }: PlanTextOptions,
): string {
  const number = (value: number): string => Math.round(value).toLocaleString('en');
  const patches = settings.patchSize === 'image' ? 'whole images' : `patches of ${settings.patchSize} pixels`;
  return [
    `${number(images)} images of ${classes} classes → ${number(imagesPerClass * classes)} distilled images in ${out}`,
    `  prior ${prior.name}, ${settings.draws} noise draws, ${patches}, ${settings.clusters} clusters`,
    `  ${number(passes)} passes through the prior${kept > 0 ? `, ${Math.floor(100 * kept)} % of them in the store` : ''}`,
    `  about ${duration(seconds * (1 - kept))} at ${secondsPerPass.toPrecision(2)} s per pass, measured here. Stop with Ctrl-C at any time: the same command goes on.`,
  ].join('\n');
}
