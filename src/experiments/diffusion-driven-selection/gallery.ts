/** Galleries of paper 001: distilled sets as pictures, and what the ground truth says of their patches where it is known. */
import { type ImageGrid, imageGrid } from '../../charts';
import { type AnnotatedDataset, annotated, type ImageDataset } from '../../datasets';
import { localiseBox, modeCoverage } from '../../evaluation';
import type { DistilledSet } from '../../methods';
import { type RunOptions, run } from '../../sweeps';
import { bindCell } from '../bind-cell';
import type { Judgement } from '../claims/verdicts';
import { openDataset } from '../datasets';
import type { Exhibit, Made, RowClaim } from '../exhibit';
import type { Cell } from '../experiment';
import type { Scale } from '../scales';
import { setsPicture } from '../sets-picture';
import { datasetOf } from './tasks';

/** A set of a gallery. */
export interface GallerySet {
  /** What tells it apart: 'patches of 112 pixels'. */
  label: string;
  cell: Omit<Cell, 'dataset'>;
  /** Whether it is only counted, to compare with, and not drawn. */
  hidden?: boolean;
}

export interface Gallery extends Omit<Exhibit, 'paper' | 'methods' | 'make'> {
  /** The paper's name: 'ImageWoof'. */
  dataset: string;
  sets: readonly GallerySet[];
  /** A row per class of the first set; a row per set with one image of each class; or one class of the first set. */
  layout: 'row per class' | 'row per set' | 'one class';
  /** Images of each class that are drawn. Default: all. */
  perClass?: number;
}

/** What a set's patches show; nulls where the truth is not known. Shares in 0 … 1. */
export type GalleryRow = {
  set: string;
  imagesPerClass: number;
  patches: number;
  objectShare: number | null;
  showing: number | null;
  modesCovered: number | null;
};

/** A gallery as an exhibit. */
export function gallery({ dataset, sets, layout, perClass, ...what }: Gallery): Exhibit {
  return {
    ...what,
    paper: 'diffusion-driven selection',
    methods: [...new Set(sets.map(({ cell }) => cell.method))],
    async make(scale, options): Promise<Made> {
      const made = await setsOf(scale, { dataset, sets, ...options });
      const drawn = made.filter((_, i) => !sets[i]!.hidden);
      return {
        picture: await picture(drawn, { layout, perClass, labels: sets.filter(({ hidden }) => !hidden) }),
        rows: await Promise.all(made.map((set, i) => rowOf(sets[i]!, set))),
        leftOut: made.flatMap(({ set, pool }, i) => littleToChoose(sets[i]!, set, pool)),
      };
    },
  };
}

/** A sentence where a set takes a patch of most images of a class. */
function littleToChoose({ label, hidden }: GallerySet, set: DistilledSet, pool: ImageDataset): string[] {
  const used = new Set(set.images.flatMap(({ sources }) => sources.map(({ image }) => image))).size;
  const share = used / pool.labels.length;
  if (hidden || share <= 0.5) return [];
  return [
    `${label}: ${Math.round(100 * share)} % of the pool's images give a patch, so that there is little to choose among.`,
  ];
}

interface MadeSet {
  set: DistilledSet;
  pool: ImageDataset;
  truth: AnnotatedDataset | undefined;
}

async function setsOf(
  scale: Scale,
  { dataset: name, sets, ...options }: RunOptions & Pick<Gallery, 'dataset' | 'sets'>,
): Promise<MadeSet[]> {
  const found = await datasetOf(scale, name);
  const seeds = scale.pairs[0]!;
  const bound = await Promise.all(sets.map(({ cell }) => bindCell({ ...cell, dataset: name }, scale, found, seeds)));
  const { output } = await run(
    bound.map(({ distilled }) => distilled),
    options,
  );
  return output.map((set, i) => {
    const dataset = openDataset(bound[i]!.context.pool);
    return { set, pool: dataset, truth: 'mask' in dataset ? annotated(dataset) : undefined };
  });
}

async function rowOf({ label, cell: { imagesPerClass } }: GallerySet, { set, truth }: MadeSet): Promise<GalleryRow> {
  const patches = set.images.flatMap(({ sources }) => sources);
  const row = { set: label, imagesPerClass, patches: patches.length };
  if (!truth) return { ...row, objectShare: null, showing: null, modesCovered: null };
  const shape = { height: truth.size, width: truth.size };
  const shares = await Promise.all(
    patches.map(async ({ image, box }) => localiseBox(await truth.mask(image), box, shape).objectShare),
  );
  const { share, showing } = await modeCoverage(set, truth);
  return {
    ...row,
    objectShare: shares.reduce((sum, one) => sum + one, 0) / shares.length,
    showing: showing / patches.length,
    modesCovered: share,
  };
}

function picture(
  made: readonly MadeSet[],
  {
    layout,
    perClass,
    labels,
  }: Pick<Gallery, 'layout'> & { perClass: number | undefined; labels: readonly GallerySet[] },
): Promise<ImageGrid> {
  const of = ({ set }: MadeSet, label: number) =>
    set.images
      .filter((image) => image.label === label)
      .slice(0, perClass)
      .map(({ pixels }) => pixels);
  const first = made[0]!;
  const { classes } = first.set;
  if (layout === 'row per set') {
    return setsPicture(
      made.map(({ set }, i) => ({ name: labels[i]!.label, set })),
      { perClass: 1, size: 96 },
    );
  }
  if (layout === 'one class') return imageGrid(of(first, 0), { columns: 10, title: classes[0]! });
  return imageGrid(
    classes.map((_, label) => of(first, label)),
    { rowTitles: classes, size: 64 },
  );
}

/** One set's patches hold more of their object than another's. */
export function holdsMore(a: string, b: string, says: string): RowClaim {
  return {
    says,
    onPublished: 'not in the text',
    test(rows): Judgement {
      const [one, other] = [a, b].map((label) => rows.find(({ set }) => set === label)?.objectShare);
      if (typeof one !== 'number' || typeof other !== 'number') {
        return { holds: 'not compared', sentence: 'Where the objects are is not known here.' };
      }
      const per = (share: number): string => `${(100 * share).toFixed(0)} %`;
      return {
        holds: one > other ? 'holds' : "doesn't hold",
        sentence: `A patch holds ${per(one)} of its object on average, and ${per(other)} in the other set.`,
      };
    },
  };
}

/** The sets of a gallery that shows one set of paper 001's method, with random patches of the same format counted beside. */
export const besideRandom = (imagesPerClass: number): readonly GallerySet[] => [
  { label: 'selected patches', cell: { method: 'diffusion-driven selection', imagesPerClass } },
  { label: 'random patches', cell: { method: 'random patches', imagesPerClass }, hidden: true },
];

export const selectedHoldMore = holdsMore(
  'selected patches',
  'random patches',
  'Selected patches hold more of their object than random patches of the same size do.',
);
