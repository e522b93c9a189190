/**
 * Do noise losses in bfloat16 choose the same patches as in float32? `node --import tsx tests/checks/loss-precision.ts [CLASSES]`.
 * The world and the settings of scale mini, another seed than the reported one. Prints, by patch size, the share of images whose
 * best patch stays where it is or moves by a pixel of the latent at most, and how much of the object both hold; beside them what
 * other noise of the same number of draws changes. A minute per class.
 */
import { stillLife } from '../../src/datasets';
import { LatentDiffusion, meanMap } from '../../src/diffusion';
import type { Precision } from '../../src/engine';
import { localiseBox } from '../../src/evaluation';
import { priorFolder } from '../../src/experiments';
import {
  type Candidates,
  candidatePatches,
  diffusionDrivenSettings,
  drawGroups,
  encodeClass,
  imagesByClass,
  type ScoredImage,
  scoreImages,
  smallPriorSettings,
} from '../../src/methods';

const CLASSES = Number(process.argv[2] ?? 4);
const SIZE = 96;
const dataset = stillLife({ split: 'train', perClass: 20, size: SIZE, seed: 7, objectArea: [0.051, 0.126] });
const base = diffusionDrivenSettings.parse({
  ...smallPriorSettings,
  draws: 12,
  imagesPerClass: 10,
  patchSize: SIZE / 2,
});
const prior = await LatentDiffusion.load(priorFolder('still-life'));
const pixelsPerLatent = SIZE / (await latentSide());

async function latentSide(): Promise<number> {
  const [one] = await encodeClass(prior, { dataset, images: [0] }, base);
  return one!.latents.shape[1];
}

interface Tally {
  same: number;
  near: number;
  all: number;
  held: number;
  heldInFloat32: number;
}
const tallies = new Map<string, Tally>();
const seconds = new Map<string, number>();

for (const [label, images] of imagesByClass(dataset).slice(0, CLASSES).entries()) {
  const [group] = await encodeClass(prior, { dataset, images }, base);
  const score = async (precision: Precision, noiseSeed = base.noiseSeed): Promise<ScoredImage[]> => {
    const settings = { ...base, precision, noiseSeed };
    const start = process.cpuUsage();
    const parts: { weight: number; maps: ScoredImage['map'][] }[] = [];
    for (const draws of drawGroups(settings)) {
      const maps = await scoreImages(prior, group!, dataset.classes[label]!, { ...settings, ...draws });
      parts.push({ weight: draws.draws, maps });
    }
    const { user, system } = process.cpuUsage(start);
    seconds.set(precision, (seconds.get(precision) ?? 0) + (noiseSeed === base.noiseSeed ? (user + system) / 1e6 : 0));
    return group!.ids.map((id, i) => {
      const map = meanMap(parts.map(({ weight, maps }) => ({ weight, map: maps[i]! })));
      return { id, map, height: SIZE, width: SIZE };
    });
  };
  const masks = await Promise.all(images.map((image) => dataset.mask(image)));
  const [exact, rounded, reseeded] = [await score('float32'), await score('bfloat16'), await score('float32', 43)];
  for (const patchSize of [32, 48, 64]) {
    const best = (scored: ScoredImage[]): Candidates['patches'] => {
      const found = candidatePatches(scored, { ...base, patchSize, candidatesPerImage: 1 });
      return found.patches;
    };
    const held = ({ image, box }: Candidates['patches'][number]): number =>
      localiseBox(masks[image]!, box, { height: SIZE, width: SIZE }).objectShare;
    const reference = best(exact);
    for (const [what, others] of [
      ['bfloat16', best(rounded)],
      ['float32, other noise', best(reseeded)],
    ] as const) {
      const name = `${what}, patches of ${patchSize}`;
      const tally = tallies.get(name) ?? { same: 0, near: 0, all: 0, held: 0, heldInFloat32: 0 };
      for (const [i, patch] of others.entries()) {
        const { box } = reference[i]!;
        const moved = Math.max(Math.abs(patch.box.top - box.top), Math.abs(patch.box.left - box.left));
        tally.same += moved === 0 ? 1 : 0;
        tally.near += moved <= pixelsPerLatent ? 1 : 0;
        tally.all += 1;
        tally.held += held(patch);
        tally.heldInFloat32 += held(reference[i]!);
      }
      tallies.set(name, tally);
    }
  }
}
const percent = (part: number, all: number): string => `${((100 * part) / all).toFixed(1)} %`;
console.table(
  [...tallies].map(([what, { same, near, all, held, heldInFloat32 }]) => ({
    what,
    same: percent(same, all),
    'within a latent pixel': percent(near, all),
    'of the object': percent(held, all),
    'in float32': percent(heldInFloat32, all),
    images: all,
  })),
);
for (const [precision, spent] of seconds) console.log(`${precision}: ${spent.toFixed(1)} CPU s`);
prior.dispose();
