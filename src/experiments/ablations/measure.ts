/** What an ablation costs: all of its configurations against one, and against a script that does each from scratch. */
import { cpus, loadavg } from 'node:os';
import {
  LocalExecutor,
  type OnProgress,
  plan,
  planText,
  resultsOf,
  run,
  runSweep,
  type Store,
  SweepError,
  type SweepResults,
} from '../../sweeps';
import { fromScratch } from './from-scratch';
import type { SelectionAblation } from './selection';

export interface AblationCost {
  configurations: number;
  seeds: number;
  /** The machine's processors, and its load average over the first two runs' time: more than their number is others' work. */
  processors: string;
  load: number;
  /** Seconds of extraction and selection of one configuration alone, from an empty store. */
  one: number;
  /** The same of all configurations with one seed: `one`, and what all the others took after it. */
  all: number;
  /** Seconds that the other seeds took after that. */
  otherSeeds: number;
  /** Pieces of work of one configuration and of all, one seed each. */
  pieces: { one: number; all: number };
  /** Seconds to plan it all again when everything is there. */
  warmPlan: number;
  scratch: ScratchCost | undefined;
}

/** What the script takes, drawn from a few classes of one configuration. */
export interface ScratchCost {
  /** Classes that were worked out, of how many. */
  classes: number;
  ofClasses: number;
  /** Seconds to load the prior, and for these classes. */
  loading: number;
  seconds: number;
  /** Seconds for all configurations: linear in classes. */
  all: number;
  /** Patches that the script and the sweep chose alike, of how many. */
  alike: number;
  patches: number;
}

export interface MeasureOptions {
  /** It must hold nothing of the ablation, or the times say nothing. */
  store: Store;
  /** Worker processes, one per thread. Default: the processor's threads. */
  workers?: number;
  /** Classes that the script works out, of all; 0 leaves it out. Default: 1. */
  scratchClasses?: number;
  say?: (line: string) => void;
  /** Called while each part runs. */
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/**
 * Runs one configuration, then all with the first seed, then the other seeds, each in what the store holds by then.
 * @throws where the store holds some of it, or a point fails
 */
export async function measureAblation(
  ablation: SelectionAblation,
  { store, workers = cpus().length, scratchClasses = 1, say = () => undefined, onProgress, signal }: MeasureOptions,
): Promise<{ cost: AblationCost; results: SweepResults }> {
  const { sweep, options } = ablation;
  const limits = { workers, threads: workers };
  const task = { store, ...(signal ? { signal } : {}) };
  const before = await plan(sweep, { store, workers });
  say(planText(before, { name: sweep.name }));
  if (before.hits > 0) {
    throw new Error(
      `Expected an empty store to time the ablation in, got one that holds ${before.hits} of its pieces. Take \`--fresh\`.`,
    );
  }
  const first = options.seeds[0];
  const ofFirst = sweep.points.filter(({ seed }) => seed === first);
  const reference = ofFirst.at(-1)!;
  const timed = async (points: typeof sweep.points) => {
    const executor = new LocalExecutor(store, limits);
    try {
      const part = await runSweep({ ...sweep, points }, { ...task, ...(onProgress && { onProgress }), executor });
      const [failure] = part.results.failures;
      if (failure) throw new SweepError(failure.error);
      return part;
    } finally {
      await executor.close();
    }
  };
  const one = await timed([reference]);
  say(`One configuration: ${one.seconds.toFixed(1)} s, ${one.misses} pieces of work.`);
  const all = await timed(ofFirst);
  say(`The other ${ofFirst.length - 1}: ${all.seconds.toFixed(1)} s, ${all.misses} pieces of work.`);
  const load = loadavg()[2]!;
  const rest = await timed(sweep.points);
  const started = performance.now();
  const after = await plan(sweep, { store });
  const warmPlan = (performance.now() - started) / 1000;
  if (after.toRun > 0) throw new Error(`Expected all of it in the store, got ${after.toRun} pieces to run.`);
  const scratch =
    scratchClasses > 0 ? await scratchCost(ablation, { store, classes: scratchClasses, task, say }) : undefined;
  const cost: AblationCost = {
    configurations: ofFirst.length,
    seeds: options.seeds.length,
    processors: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    load,
    one: one.seconds,
    all: one.seconds + all.seconds,
    otherSeeds: rest.seconds,
    pieces: { one: one.misses, all: one.misses + all.misses },
    warmPlan,
    scratch,
  };
  return { cost, results: await resultsOf(sweep, store) };
}

async function scratchCost(
  ablation: SelectionAblation,
  { store, classes, task, say }: { store: Store; classes: number; task: object; say: (line: string) => void },
): Promise<ScratchCost> {
  const { options, sweep, pool } = ablation;
  // Every range takes the same number of draws, so any configuration costs what any other does.
  const [point] = sweep.points;
  const { loading, seconds, distillation } = await fromScratch(ablation, point!.settings, {
    classes,
    seed: point!.seed,
    ...task,
  });
  const ofClasses = pool.classes.length;
  say(`From scratch, ${classes} of ${ofClasses} classes: ${seconds.toFixed(1)} s.`);
  const stored = await run(ablation.bind(point!.settings, point!.seed).distilled, { store });
  const ours = distillation.set.images.flatMap(({ sources }) => sources);
  const theirs = stored.output.images.filter(({ label }) => label < classes).flatMap(({ sources }) => sources);
  const place = ({ image, box }: (typeof ours)[number]) => `${image} ${box.top} ${box.left} ${box.size}`;
  const alike = ours.filter((patch, i) => theirs[i] && place(patch) === place(theirs[i])).length;
  const configurations = sweep.points.filter(({ seed }) => seed === options.seeds[0]).length;
  const all = configurations * (loading + (seconds * ofClasses) / classes);
  return { classes, ofClasses, loading, seconds, all, alike, patches: ours.length };
}
