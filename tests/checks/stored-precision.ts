/**
 * Does what the store keeps choose the same patches as single precision? `node --import tsx tests/checks/stored-precision.ts`.
 * Still lifes and the prior that ships: losses at 16 bits, features at 8 bits on grids of 8 (all cells), 6 and 4 cells.
 * Prints, for several patch sizes, the share of candidates and of chosen patches that stay the same. About five minutes.
 */
import { dequantise, priorFolder, quantise } from '../../src/experiments';
import { stillLife } from '../../src/datasets';
import { type FeatureGrid, LatentDiffusion, meanMap, pooledGrid } from '../../src/diffusion';
import {
  type Candidates,
  candidatePatches,
  diffusionDrivenSettings,
  drawGroups,
  encodeClass,
  imageFeatureGrids,
  imagesByClass,
  patchFeatures,
  type ScoredImage,
  scoreImages,
  selectPatches,
  smallPriorSettings,
} from '../../src/methods';

const CLASSES = Number(process.argv[2] ?? 4);
const dataset = stillLife({ split: 'train', perClass: 40, size: 64, seed: 0 });
const base = diffusionDrivenSettings.parse({ ...smallPriorSettings, draws: 12, imagesPerClass: 10 });
const prior = await LatentDiffusion.load(priorFolder('still-life'));

const rounded = (values: Float32Array, shape: readonly number[], bits: 8 | 16) =>
  dequantise(quantise(values, shape, bits));
const roundedMap = ({ values, height, width }: ScoredImage['map']) => ({
  values: rounded(values, [height, width, 1], 16),
  height,
  width,
});
const kept = (grid: FeatureGrid, side: number): FeatureGrid => {
  const { values, height, width, channels } = pooledGrid(grid, side);
  return { values: rounded(values, [height, width, channels], 8), height, width, channels };
};

const shares = new Map<string, { same: number; all: number }>();
function count(name: string, same: number, all: number) {
  const before = shares.get(name) ?? { same: 0, all: 0 };
  shares.set(name, { same: before.same + same, all: before.all + all });
}
const place = ({ image, box }: Candidates['patches'][number]) => `${image} ${box.top} ${box.left}`;

for (const [label, images] of imagesByClass(dataset).slice(0, CLASSES).entries()) {
  const [group] = await encodeClass(prior, { dataset, images }, base);
  const className = dataset.classes[label]!;
  const parts: { weight: number; maps: ScoredImage['map'][] }[] = [];
  for (const draws of drawGroups(base)) {
    parts.push({ weight: draws.draws, maps: await scoreImages(prior, group!, className, { ...base, ...draws }) });
  }
  const scored = (round: boolean): ScoredImage[] =>
    group!.ids.map((id, i) => {
      const maps = parts.map(({ weight, maps }) => ({ weight, map: round ? roundedMap(maps[i]!) : maps[i]! }));
      return { id, map: meanMap(maps), height: 64, width: 64 };
    });
  const { kind: _, ...dift } = smallPriorSettings.features;
  const grids = await imageFeatureGrids(prior, group!, className, { ...base, ...dift, grid: 64 });
  for (const patchSize of [16, 28, 32, 48]) {
    const [exact, stored] = [false, true].map((round) => candidatePatches(scored(round), { ...base, patchSize }));
    const alike = exact!.patches.filter((patch, i) => place(patch) === place(stored!.patches[i]!)).length;
    count(`candidates, losses at 16 bits, patches of ${patchSize}`, alike, exact!.patches.length);
    const choose = (found: Candidates, by: readonly FeatureGrid[]) =>
      selectPatches(found, patchFeatures(found, by), { ...base, factor: 2 }).picks.map(place);
    const reference = new Set(choose(exact!, grids));
    for (const [name, by] of [
      ['8 bits, 8 cells (all)', grids.map((grid) => kept(grid, 8))],
      ['8 bits, 6 cells', grids.map((grid) => kept(grid, 6))],
      ['8 bits, 4 cells', grids.map((grid) => kept(grid, 4))],
    ] as const) {
      const picks = choose(stored!, by);
      count(
        `chosen, ${name}, patches of ${patchSize}`,
        picks.filter((pick) => reference.has(pick)).length,
        picks.length,
      );
    }
    // How much the choice hangs on the k-means start alone: another seed on exact features.
    const reseeded = selectPatches(exact!, patchFeatures(exact!, grids), { ...base, factor: 2, clusteringSeed: 11 });
    const same = reseeded.picks.map(place).filter((pick) => reference.has(pick)).length;
    count(`chosen, another clustering seed, patches of ${patchSize}`, same, reference.size);
  }
}
console.table(
  [...shares].map(([what, { same, all }]) => ({ what, same: `${((100 * same) / all).toFixed(1)} %`, of: all })),
);
prior.dispose();
