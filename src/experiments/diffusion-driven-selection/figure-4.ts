/** Figure 4 of paper 001: where do the sets lie among the data, in the features of a trained classifier? */
import { meanAndDeviation, scatter } from '../../charts';
import { run } from '../../sweeps';
import { bindTeacher } from '../bind-cell';
import { differenceWithin } from '../claims/compare';
import { type Judgement, lackingHere } from '../claims/verdicts';
import type { Exhibit, Made, RowClaim } from '../exhibit';
import { featureMap, type MappedImages } from '../stages';
import { bindTasks, datasetOf } from './tasks';

const ours = 'diffusion-driven selection';

const methods = ['RDED', 'Minimax', 'D4M', 'random patches', ours] as const;

/** Few classes can be told apart by colour; the sets have an image per patch, as the real images are. */
const SHOWN = { classes: 4, perClass: 50, imagesPerClass: 50 };

/** How far a set's images lie from the middles of their classes; real images: 1 on average. */
type SpreadRow = {
  set: string;
  images: number;
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
  says: 'The sets of RDED and Minimax crowd at the middles of the classes, that of D4M has outliers; ours is balanced. The picture is t-SNE of a classifier’s features; the claims are put to distances in the features themselves.',
  methods,
  claims: [crowdsMore('RDED'), crowdsMore('Minimax'), hasMoreOutliers('D4M')],
  async make(scale, options): Promise<Made> {
    const dataset = await datasetOf(scale, 'ImageWoof');
    const { bound, leftOut } = await bindTasks(scale, {
      dataset,
      methods,
      imagesPerClass: [SHOWN.imagesPerClass],
    });
    const { classes, perClass } = SHOWN;
    const pool = await dataset.pool({ perClass: scale.realImages, size: scale.imageSize });
    const { output } = await run(
      featureMap.bind(
        { dataset: pool, classes, perClass, perplexity: 30, seed: 0 },
        { inputs: { teacher: bindTeacher({}, scale, dataset), sets: bound.map(({ sets }) => sets[0]!) } },
      ),
      options,
    );
    const limit = output.real.fromMiddle.toSorted((a, b) => a - b)[Math.floor(0.95 * output.real.fromMiddle.length)]!;
    const named = output.sets.map((set, i) => ({ name: String(bound[i]!.method), set }));
    const points = (set: string, { labels, places }: MappedImages) =>
      places.map(([x, y], i) => ({ set, class: output.classes[labels[i]!]!, x, y }));
    return {
      picture: scatter(
        named.flatMap(({ name, set }) => points(name, set)),
        {
          x: 'x',
          y: 'y',
          series: 'class',
          facet: 'set',
          context: points('real images', output.real),
          plane: true,
          title: `Figure 4: sets of ${SHOWN.imagesPerClass} images per class among real images`,
          subtitle: 'pale: real images; t-SNE of the features of a trained classifier, one map for all panels',
        },
      ),
      rows: [{ name: 'real images', set: output.real }, ...named].map(({ name, set }): SpreadRow => {
        const { mean, sd, n } = meanAndDeviation(set.fromMiddle);
        const outliers = set.fromMiddle.filter((far) => far > limit).length / n;
        return { set: name, images: n, fromMiddle: mean, sd, outliers };
      }),
      leftOut,
    };
  },
};

const rowOf = (rows: Parameters<RowClaim['test']>[0], set: string) => rows.find((row) => row.set === set);

/** A mean over the images of a set, with its standard error. */
interface Measured {
  mean: number;
  error: number;
}

const distanceOf = ({ fromMiddle, sd, images }: SpreadRow): Measured => ({
  mean: fromMiddle,
  error: sd / Math.sqrt(images),
});

/** In per cent. */
const outliersOf = ({ outliers, images }: SpreadRow): Measured => ({
  mean: 100 * outliers,
  error: 100 * Math.sqrt((outliers * (1 - outliers)) / images),
});

function crowdsMore(other: string): RowClaim {
  return {
    says: `The set of ${other} lies nearer to the middles of the classes than ours.`,
    onPublished: 'not in the text',
    test: (rows) =>
      compare(rows, other, (mine, theirs) => {
        const judged = judge(distanceOf(mine), distanceOf(theirs), 2);
        return { ...judged, sentence: `Ours less ${other}, in the real images' distances: ${judged.sentence}` };
      }),
  };
}

function hasMoreOutliers(other: string): RowClaim {
  return {
    says: `The set of ${other} has more outliers than ours.`,
    onPublished: 'not in the text',
    test: (rows) =>
      compare(rows, other, (mine, theirs) => {
        const judged = judge(outliersOf(theirs), outliersOf(mine), 0);
        return { ...judged, sentence: `${other} less ours, in points: ${judged.sentence}` };
      }),
  };
}

function compare(
  rows: Parameters<RowClaim['test']>[0],
  other: string,
  test: (mine: SpreadRow, theirs: SpreadRow) => Judgement,
): Judgement {
  const [mine, theirs] = [rowOf(rows, ours), rowOf(rows, other)] as (SpreadRow | undefined)[];
  if (!mine || !theirs) return lackingHere(other);
  return test(mine, theirs);
}

/** Whether `more` is above `less`, by the 95 % interval over images. Another seed's sets would add to it. */
function judge(more: Measured, less: Measured, digits: number): Judgement {
  const { difference, low, high } = differenceWithin(more.mean - less.mean, Math.hypot(more.error, less.error));
  const [middle, from, to] = [difference, low, high].map((value) => value.toFixed(digits).replace('-', '−'));
  return {
    holds: low > 0 ? 'holds' : high < 0 ? "doesn't hold" : 'open',
    sentence: `${middle}, 95 % interval over the images of one seed ${from} to ${to}.`,
  };
}
