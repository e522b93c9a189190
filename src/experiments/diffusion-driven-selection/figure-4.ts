/** Figure 4 of paper 001: where do the sets lie among the data, in the features of a trained classifier? */
import { meanAndDeviation, scatter } from '../../charts';
import { run } from '../../sweeps';
import { bindTeacher } from '../bind-cell';
import { above, type Claim, measuredEvidence } from '../claims';
import type { Exhibit, Made, RowClaim } from '../exhibit';
import { featureMap, type MappedImages } from '../stages';
import { bindTasks, datasetOf } from './tasks';

const ours = 'diffusion-driven selection';

const methods = ['RDED', 'Minimax', 'D4M', 'random patches', ours] as const;

/** Few classes can be told apart by colour; the sets have an image per patch, as the real images are. */
const SHOWN = { classes: 4, perClass: 50, imagesPerClass: 50 };

/** Most seeds of sets: the first is shown, the claims are put to all. */
const SEEDS = 3;

/** How far the images of one seed's set lie from the middles of their classes; real images: 1 on average. */
type SpreadRow = {
  set: string;
  /** Null for the real images. */
  seed: number | null;
  images: number;
  /** Mean over the images, and their standard deviation. */
  fromMiddle: number;
  sd: number;
  /** Images that lie farther out than 95 of 100 real ones. */
  outliers: number;
};

export const figure4: Exhibit = {
  name: 'figure-4',
  paper: 'diffusion-driven selection',
  item: 'Figure 4',
  title: 'sets among the data, by t-SNE',
  says: 'The sets of RDED and Minimax crowd at the middles of the classes, that of D4M has outliers; ours is balanced. The picture is t-SNE of a classifier’s features; the claims are put to distances in the features themselves, in per cent of the real images’.',
  methods,
  claims: [crowdsMore('RDED'), crowdsMore('Minimax'), hasMoreOutliers('D4M')],
  async make(scale, options): Promise<Made> {
    const dataset = await datasetOf(scale, 'ImageWoof');
    const { classes, perClass, imagesPerClass } = SHOWN;
    const pool = await dataset.pool({ perClass: scale.realImages, size: scale.imageSize });
    const teacher = bindTeacher({}, scale, dataset);
    const seeds = scale.pairs.slice(0, SEEDS);
    const tasks = await Promise.all(
      seeds.map((one) => bindTasks(scale, { dataset, methods, imagesPerClass: [imagesPerClass], seeds: one })),
    );
    const [{ bound, leftOut }] = tasks as [(typeof tasks)[number]];
    const { output: maps } = await run(
      tasks.map(({ bound: ofSeed }) =>
        featureMap.bind(
          { dataset: pool, classes, perClass, perplexity: 30, seed: 0 },
          { inputs: { teacher, sets: ofSeed.map(({ sets }) => sets[0]!) } },
        ),
      ),
      options,
    );
    const output = maps[0]!;
    const limit = output.real.fromMiddle.toSorted((a, b) => a - b)[Math.floor(0.95 * output.real.fromMiddle.length)]!;
    const named = maps.flatMap(({ sets }, at) =>
      sets.map((set, i) => ({ name: String(bound[i]!.method), seed: seeds[at]!.set, set })),
    );
    const points = (set: string, { labels, places }: MappedImages) =>
      places.map(([x, y], i) => ({ set, class: output.classes[labels[i]!]!, x, y }));
    return {
      picture: scatter(
        named.filter(({ seed }) => seed === seeds[0]!.set).flatMap(({ name, set }) => points(name, set)),
        {
          x: 'x',
          y: 'y',
          series: 'class',
          facet: 'set',
          context: points('real images', output.real),
          plane: true,
          title: `Figure 4: sets of ${SHOWN.imagesPerClass} images per class among real images`,
          subtitle: `pale: real images; t-SNE of the features of a trained classifier, one map for all panels, sets of seed ${seeds[0]!.set}`,
        },
      ),
      rows: [{ name: 'real images', seed: null, set: output.real }, ...named].map(({ name, seed, set }): SpreadRow => {
        const { mean, sd, n } = meanAndDeviation(set.fromMiddle);
        const outliers = set.fromMiddle.filter((far) => far > limit).length / n;
        return { set: name, seed, images: n, fromMiddle: mean, sd, outliers };
      }),
      leftOut,
    };
  },
};

function crowdsMore(other: string): RowClaim {
  const says = `The set of ${other} lies nearer to the middles of the classes than ours.`;
  return on('fromMiddle', above({ set: ours }, { set: other }, { says, onPublished: 'not in the text' }));
}

function hasMoreOutliers(other: string): RowClaim {
  const says = `The set of ${other} has more outliers than ours.`;
  return on('outliers', above({ set: other }, { set: ours }, { says, onPublished: 'not in the text' }));
}

/** A claim put to one measure, in points of a per cent; sets of one seed are pairs, as their images are drawn alike. */
function on(measure: 'fromMiddle' | 'outliers', claim: Claim): RowClaim {
  return {
    ...claim,
    test(rows) {
      const sets = (rows as readonly SpreadRow[]).filter(({ seed }) => seed !== null);
      return claim.test(
        measuredEvidence(
          sets.map(({ set, seed, [measure]: value }) => ({ at: { set }, pair: String(seed), accuracy: value })),
        ),
      );
    },
  };
}
