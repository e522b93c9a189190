/** Is a set of paper 000 more diverse? Generated images against real ones, where an accuracy can only hint at it. */
import { barChart, type Chart, lineChart } from '../../charts';
import { LocalExecutor, type RunOptions, run, Store } from '../../sweeps';
import { bindCell, bindTeacher } from '../bind-cell';
import { above, type Claim, close, measuredEvidence } from '../claims';
import type { Exhibit, RowClaim } from '../exhibit';
import type { Cell } from '../experiment';
import { NotAtThisScale, nearestImagesPerClass, type Scale } from '../scales';
import { evidenceInFeatures, type StoredEvidence } from '../stages';
import { adoptedValues, type VariedSetting, variedNames, variedSettings } from './varied-settings';

const dataset = 'ImageWoof';
const ours = 'self-adaptive memory';
const IMAGES_PER_CLASS = 50;

/** Balls reach to the fifth neighbour, as Naeem et al. have it. */
const NEIGHBOURS = 5;

/** The setting of rows in which none is varied. */
const ADOPTED = 'as adopted';

/** One measure of one seed's set: the mean over classes. */
export type EvidenceRow = {
  method: string;
  /** What is varied: 'λ_r' …, or 'as adopted'. */
  setting: string;
  /** Its value; null where all are as adopted. */
  level: number | null;
  measure: string;
  seed: number;
  /** A share; of density a multiple of what real images have. */
  value: number;
};

/** A method with one setting changed, or none. */
export interface EvidenceCell {
  method: Cell['method'];
  setting?: VariedSetting;
  level?: number;
}

/** Both methods beside ours as adopted, and ours with each setting varied alone, as in Figure 4. */
export const evidenceCells: readonly EvidenceCell[] = [
  { method: 'DiT' },
  { method: 'Minimax' },
  { method: ours },
  ...variedNames.flatMap((setting) =>
    variedSettings[setting].values.map((level): EvidenceCell => ({ method: ours, setting, level })),
  ),
];

const adopted = { setting: ADOPTED, level: null };
const lost = { onPublished: 'not in the text' } as const;
const against = (other: string, says: string): Claim =>
  above({ method: ours, ...adopted }, { method: other, ...adopted }, { says, ...lost });
const within = (points: number, says: string): Claim =>
  close({ method: ours, ...adopted }, { method: 'Minimax', ...adopted }, { points, says, ...lost });
const wider = (setting: VariedSetting, more: number, less: number, says: string): Claim =>
  above({ setting, level: more }, { setting, level: less }, { says, ...lost });

export const memoryEvidence: Exhibit = {
  name: 'memory-evidence',
  paper: 'self-adaptive memory',
  item: 'Diversity of paper 000',
  title: 'what the generated images cover, by method, by λ and by N',
  says: 'Self-adaptive memory is said to make images that are true to the real ones and more diverse. The paper measures accuracy; here generated images are compared with the real ones in the features of a trained classifier.',
  methods: ['DiT', 'Minimax', ours],
  claims: [
    on('coverage', against('Minimax', 'Self-adaptive memories cover more of the real images than queues (Minimax).')),
    on('coverage', against('DiT', 'Ours covers more of the real images than the diffusion model as it is (DiT).')),
    on('recall', against('Minimax', 'Real images lie within reach of ours more often than of Minimax (recall).')),
    on('precision', within(5, 'Ours is as true to the real images as Minimax, within 5 points of precision.')),
    on('copies', within(1, 'Ours copies as few real images as Minimax, within a point.')),
    on('coverage', wider('λ_g', 0.032, 0, 'A weight λ_g of 0.032 covers more than none.')),
    on('coverage', wider('λ_r', 0.008, 0, 'A weight λ_r of 0.008 covers more than none.')),
    on('coverage', wider('N_G', 128, 16, 'A memory of 128 generated latents covers more than one of 16.')),
    on('coverage', wider('N_R', 128, 16, 'A memory of 128 real latents covers more than one of 16.')),
  ],
  async make(scale, options) {
    const imagesPerClass = nearestImagesPerClass(scale, IMAGES_PER_CLASS);
    const rows = await evidenceRows(scale, evidenceCells, { ...options, imagesPerClass });
    return {
      picture: evidenceByMethod(rows),
      rows,
      leftOut:
        imagesPerClass === IMAGES_PER_CLASS
          ? []
          : [`${imagesPerClass} images per class in place of ${IMAGES_PER_CLASS}.`],
    };
  },
};

/**
 * The measures of each cell's sets, by the scale's seeds; sets and fine-tunings are those of Table 1 and Figure 4.
 * @throws NotAtThisScale without a class-conditional prior
 */
export async function evidenceRows(
  scale: Scale,
  cells: readonly EvidenceCell[],
  {
    imagesPerClass,
    neighbours: k = NEIGHBOURS,
    store = new Store(),
    ...options
  }: RunOptions & { imagesPerClass: number; neighbours?: number },
): Promise<EvidenceRow[]> {
  const found = (await scale.datasets([dataset])).get(dataset)!;
  if ('missing' in found) throw new NotAtThisScale(found.missing);
  const teacher = bindTeacher({}, scale, found);
  const places = cells.flatMap((cell) => scale.pairs.map((seeds) => ({ cell, seeds })));
  const stages = await Promise.all(
    places.map(async ({ cell: { method, setting, level }, seeds }) => {
      const settings: Record<string, number> =
        setting === undefined || level === undefined ? {} : { [variedSettings[setting].field]: level };
      const cell = { dataset, method, settings, imagesPerClass, protocol: 'idc' } as const;
      const { distilled, context } = await bindCell(cell, scale, found, seeds);
      return evidenceInFeatures.bind({ dataset: context.pool, k }, { inputs: { distilled, teacher } });
    }),
  );
  const executor = options.executor ?? new LocalExecutor(store);
  try {
    const { output } = await run(stages, { ...options, store, executor });
    return places.flatMap(({ cell: { method, setting = ADOPTED, level = null }, seeds }, i) =>
      Object.entries(measured(output[i]!)).map(
        ([measure, value]): EvidenceRow => ({ method, setting, level, measure, seed: seeds.set, value }),
      ),
    );
  } finally {
    if (executor !== options.executor) await executor.close();
  }
}

/** Means over classes; recall is left out where a class has too few images for it. */
function measured(classes: readonly StoredEvidence[]): Record<string, number> {
  const mean = (of: (one: StoredEvidence) => number): number =>
    classes.reduce((sum, one) => sum + of(one), 0) / classes.length;
  return {
    precision: mean(({ precision }) => precision),
    density: mean(({ density }) => density),
    ...(classes.every(({ recall }) => recall !== null) && { recall: mean(({ recall }) => recall!) }),
    coverage: mean(({ coverage }) => coverage),
    copies: mean(({ copies, images }) => copies / images),
  };
}

/** The methods as adopted, a group of bars per measure. */
export function evidenceByMethod(rows: readonly EvidenceRow[]): Chart {
  return barChart(
    rows.filter(({ setting }) => setting === ADOPTED),
    {
      x: 'measure',
      series: 'method',
      value: 'value',
      percent: true,
      neutral: ['DiT'],
      title: 'Generated images against the real images of their class',
      labels: { value: 'share, mean over classes' },
    },
  );
}

/** Our precision, recall and coverage as a function of each setting. */
export function evidenceBySetting(rows: readonly EvidenceRow[]): Chart {
  const shown = ['precision', 'recall', 'coverage'];
  return lineChart(
    rows.filter(({ setting, measure }) => setting !== ADOPTED && shown.includes(measure)),
    {
      x: 'level',
      series: 'measure',
      facet: 'setting',
      value: 'value',
      percent: true,
      interval: 'range',
      ownX: true,
      adopted: adoptedValues,
      title: 'Self-adaptive memory by its weights and sizes',
      labels: { value: 'share, mean over classes', level: 'value of the setting' },
    },
  );
}

/** A claim put to one measure: pairs share the seed of fine-tuning and noise. */
function on(measure: string, claim: Claim): RowClaim {
  return {
    ...claim,
    test(rows) {
      const some = (rows as readonly EvidenceRow[]).filter((row) => row.measure === measure);
      const place = ({ method, setting, level, seed, value }: EvidenceRow) => ({
        at: { method, setting, level },
        pair: String(seed),
        accuracy: value,
      });
      return claim.test(measuredEvidence(some.map(place)));
    },
  };
}
