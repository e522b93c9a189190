/** Figure 5 of paper 001: how long does it take to make the sets? */
import { barChart } from '../../charts';
import { recordedPieces, run } from '../../sweeps';
import { type Judgement, lackingHere } from '../claims/verdicts';
import type { Exhibit, Made, RowClaim } from '../exhibit';
import { methodColours } from '../method-colours';
import { bindTasks, datasetOf, givenBefore, type MethodTasks } from './tasks';

const ours = 'diffusion-driven selection';
const methods = ['SRe2L', 'RDED', 'Minimax', 'D4M', 'k-center', 'herding', ours] as const;

/** A method's time for one task, after the tasks before it. */
type TimeRow = {
  method: string;
  imagesPerClass: number;
  /** Time for the work that earlier tasks had not done. */
  seconds: number;
  pieces: number;
  /** The stage that took most. */
  mostly: string;
  machine: string;
};

export const figure5: Exhibit = {
  name: 'figure-5',
  paper: 'diffusion-driven selection',
  item: 'Figure 5',
  title: 'time to make the sets, one number of images per class after another',
  says: 'Scores and features are worked out once and serve every number of images per class, where other methods begin again. The values of the figure are lost in the text.',
  methods,
  claims: [laterTasksAreCheap(0.1), ...['RDED', 'D4M', 'Minimax', 'SRe2L'].map((other) => lessInAll(other))],
  async make(scale, options): Promise<Made> {
    const { bound, leftOut } = await bindTasks(scale, {
      dataset: await datasetOf(scale, 'ImageWoof'),
      methods,
      imagesPerClass: scale.imagesPerClass,
    });
    await run(
      bound.flatMap(({ sets }) => sets),
      options,
    );
    const rows: TimeRow[] = [];
    for (const tasks of bound) rows.push(...(await timesOf(tasks, scale.imagesPerClass, options)));
    const machines = [...new Set(rows.map(({ machine }) => machine))].join('; ');
    return {
      picture: barChart(rows, {
        x: 'imagesPerClass',
        series: 'method',
        value: 'seconds',
        unit: 's',
        title: 'Figure 5: time for one task after another',
        colours: methodColours,
        subtitle: `wall time of what the tasks before had not done, one run; ${machines}`,
        labels: { imagesPerClass: 'images per class', seconds: 'time' },
      }),
      rows,
      leftOut: [
        ...leftOut,
        ...givenBefore(scale),
        'Times are those of the runs that filled the store, with whatever else the machine did then.',
      ],
    };
  },
};

async function timesOf(
  { method, sets }: MethodTasks,
  imagesPerClass: readonly number[],
  options: Parameters<typeof recordedPieces>[1],
): Promise<TimeRow[]> {
  const done = new Set<string>();
  const rows: TimeRow[] = [];
  for (const [task, set] of sets.entries()) {
    // A network that is at hand was only read and tested: that is no part of a task.
    const counted = (await recordedPieces(set, options)).filter(({ stage }) => stage !== 'teacher-checkpoint');
    const fresh = counted.filter(({ id }) => !done.has(id));
    const byStage = new Map<string, number>();
    for (const { id, stage, seconds } of fresh) {
      done.add(id);
      byStage.set(stage, (byStage.get(stage) ?? 0) + seconds);
    }
    rows.push({
      method,
      imagesPerClass: imagesPerClass[task]!,
      seconds: fresh.reduce((sum, { seconds }) => sum + seconds, 0),
      pieces: fresh.length,
      mostly: [...byStage].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'nothing',
      machine: [...new Set(fresh.map(({ machine }) => machine))].join(', '),
    });
  }
  return rows;
}

const secondsOf = (rows: readonly Record<string, unknown>[], method: string): number[] =>
  rows.filter((row) => row.method === method).map((row) => Number(row.seconds));

/** After the first task, ours takes at most this share of its time. */
function laterTasksAreCheap(share: number): RowClaim {
  return {
    says: `Once a task is done, ours takes at most ${100 * share} % of its time for another number of images per class.`,
    onPublished: 'not in the text',
    test(rows): Judgement {
      const [first, ...later] = secondsOf(rows, ours);
      if (first === undefined || later.length === 0)
        return { holds: 'not compared', sentence: 'Fewer than two tasks here.' };
      const most = Math.max(...later) / first;
      return {
        holds: most <= share ? 'holds' : "doesn't hold",
        sentence: `The first task took ${first.toFixed(0)} s, the later ones up to ${(100 * most).toFixed(1)} % of that.`,
      };
    },
  };
}

function lessInAll(other: string): RowClaim {
  return {
    says: `Ours takes less time in all than ${other}.`,
    onPublished: 'not in the text',
    test(rows): Judgement {
      const [mine, theirs] = [ours, other].map((method) => secondsOf(rows, method));
      if (mine!.length === 0 || theirs!.length === 0) return lackingHere(other);
      const [a, b] = [mine!, theirs!].map((all) => all.reduce((sum, one) => sum + one, 0));
      return { holds: a! < b! ? 'holds' : "doesn't hold", sentence: `${a!.toFixed(0)} s beside ${b!.toFixed(0)} s.` };
    },
  };
}
