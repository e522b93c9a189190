/** Table 4 of paper 001: what a method can do without beginning again, measured by what a plan would compute. */
import { heatMap } from '../../charts';
import { type RecordedPiece, recordedPieces, run, type StageWork, workBeyond } from '../../sweeps';
import { type Judgement, lackingHere } from '../claims/verdicts';
import type { Exhibit, Made, RowClaim } from '../exhibit';
import { knowsItsClasses } from '../known-classes';
import { publishedRows } from '../published';
import { bindClassTasks } from './class-tasks';
import { bindTasks, datasetOf, givenBefore, type TaskMethod } from './tasks';

const ours = 'diffusion-driven selection';
const others = ['DATM', 'SRe2L', 'Minimax', 'D4M', 'RDED'] as const;
const methods: readonly TaskMethod[] = [...others, ours];

/** A second task counts as free if it takes at most this share of the first one's time. */
const FREE = 0.1;

/** Whether a method has a capability, and the evidence for it. */
type CapabilityRow = {
  method: string;
  capability: 'large-scale' | 'zero-shot' | 'class' | 'IPC';
  /** Null where the scale can't tell. */
  has: boolean | null;
  /** The second task's time as a share of the first's; null if nothing is repeated. */
  share: number | null;
  /** Pieces of work of the second task, and those that the first has not done. */
  pieces: number | null;
  again: number | null;
};

export const table4: Exhibit = {
  name: 'table-4',
  paper: 'diffusion-driven selection',
  item: 'Table 4',
  title: 'what is computed again for other classes and another number of images',
  says: 'Ours alone needs no network trained on the classes, and gives any classes and any number of images per class from one run. Here this is measured: a second task is planned after a first, and what it computes again is counted, weighted by the time that each stage took. A method that is kept as one stage here is computed whole.',
  methods,
  claims: [everything(ours), ...others.map((method) => notEverything(method))],
  published: publishedRows('diffusion-driven-selection', 'table-4'),
  async make(scale, options): Promise<Made> {
    const dataset = await datasetOf(scale, 'ImageWoof');
    const [second, first] = [scale.imagesPerClass[0]!, scale.imagesPerClass.at(-1)!];
    const { bound, leftOut } = await bindTasks(scale, { dataset, methods, imagesPerClass: [first, second] });
    const classes = await bindClassTasks(
      scale,
      dataset,
      bound.map(({ method }) => method),
      first,
    );
    await run(
      bound.map(({ sets }) => sets[0]!),
      options,
    );
    const rows: CapabilityRow[] = [];
    for (const { method, sets } of bound) {
      const took = await recordedPieces(sets[0]!, options);
      const [all, half] = classes.get(method)!;
      rows.push(
        {
          method,
          capability: 'zero-shot',
          has: took.some(isOfTheseClasses) ? false : knowsItsClasses(scale.prior) ? null : true,
          share: null,
          pieces: null,
          again: null,
        },
        repeated(method, 'class', workBeyond(all, half), took),
        repeated(method, 'IPC', workBeyond(sets[0]!, sets[1]!), took),
      );
    }
    return {
      picture: heatMap(
        rows.filter(({ share }) => share !== null),
        {
          x: 'capability',
          y: 'method',
          value: 'share',
          percent: true,
          domain: [0, 100],
          title: 'Table 4: what a second task computes again',
          subtitle: `share of the first task's time (%): half of the classes ('class'), and ${second} images per class after ${first} ('IPC')`,
        },
      ),
      rows,
      leftOut: [
        ...leftOut,
        ...givenBefore(scale),
        'Large-scale is not measured: no scale here is large enough to tell.',
        `A capability counts as had where the second task takes at most ${100 * FREE} % of the first one's time.`,
      ],
    };
  },
};

/** A network that is trained on the classes that are distilled, or tuned to them. */
const isOfTheseClasses = ({ stage }: RecordedPiece): boolean =>
  ['teacher', 'teacher-checkpoint', 'expert-trajectories', 'fine-tuned-prior'].includes(stage);

function repeated(
  method: string,
  capability: CapabilityRow['capability'],
  planned: readonly StageWork[],
  took: readonly RecordedPiece[],
): CapabilityRow {
  // A network that is at hand was only read and tested: that is no part of a task.
  const work = planned.filter(({ stage }) => stage !== 'teacher-checkpoint');
  const secondsOf = (stage: string): number =>
    took.filter((piece) => piece.stage === stage).reduce((sum, { seconds }) => sum + seconds, 0);
  const total = work.reduce((sum, { stage }) => sum + secondsOf(stage), 0);
  const again = work.reduce((sum, one) => sum + (secondsOf(one.stage) * one.again) / one.pieces, 0);
  const share = total === 0 ? 0 : again / total;
  const count = (of: 'pieces' | 'again'): number => work.reduce((sum, one) => sum + one[of], 0);
  return { method, capability, has: share <= FREE, share, pieces: count('pieces'), again: count('again') };
}

const capabilitiesOf = (rows: Parameters<RowClaim['test']>[0], method: string) =>
  rows.filter((row) => row.method === method);

function everything(method: string): RowClaim {
  return {
    says: 'Ours has every capability: no network of these classes, any classes, any number of images per class.',
    onPublished: 'holds',
    test: (rows) => judge(capabilitiesOf(rows, method), { lacksSome: false, method }),
  };
}

function notEverything(method: string): RowClaim {
  return {
    says: `${method} lacks at least one of them.`,
    onPublished: 'holds',
    test: (rows) => judge(capabilitiesOf(rows, method), { lacksSome: true, method }),
  };
}

function judge(
  rows: ReturnType<typeof capabilitiesOf>,
  { lacksSome, method }: { lacksSome: boolean; method: string },
): Judgement {
  if (rows.length === 0) return lackingHere(method);
  const named = (has: boolean | null) => rows.filter((row) => row.has === has).map(({ capability }) => capability);
  const [lacking, untold] = [named(false), named(null)];
  if (lacking.length > 0)
    return { holds: lacksSome ? 'holds' : "doesn't hold", sentence: `It lacks ${lacking.join(', ')}.` };
  if (untold.length > 0)
    return { holds: 'open', sentence: `It has ${named(true).join(', ')}; this scale can't tell ${untold.join(', ')}.` };
  return { holds: lacksSome ? "doesn't hold" : 'holds', sentence: 'It lacks none of those judged.' };
}
