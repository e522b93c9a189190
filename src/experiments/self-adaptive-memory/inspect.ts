/** Inspects fine-tunings: the course of their losses' terms, and their memories at the end. */
import { LocalExecutor, type RunOptions, run, Store } from '../../sweeps';
import type { OpenedExperiment } from '../opened-experiment';

/** Means of the unweighted terms over the steps from `step` on, up to the next row's. */
export interface TermRow {
  method: string;
  step: number;
  diffusion: number;
  real: number;
  generated: number;
  readonly [field: string]: string | number;
}

/** The memories of all classes of one kind. */
export interface MemorySummary {
  method: string;
  kind: string;
  entries: number;
  /** Steps since the entries came in: the median, and of the longest kept. */
  age: number;
  oldest: number;
  /** Median timestep of the noise in which they were seen: a generated latent is the blurrier the higher it was. */
  timestep: number;
  readonly [field: string]: string | number;
}

/**
 * The fine-tunings of an experiment's first seed; what the store lacks is worked out, in worker processes.
 * @throws where no cell fine-tunes a prior
 */
export async function fineTuningsOf(
  opened: OpenedExperiment,
  { store = new Store(), ...options }: RunOptions = {},
): Promise<{ terms: TermRow[]; memories: MemorySummary[] }> {
  const bound = opened.fineTunings;
  const executor = options.executor ?? new LocalExecutor(store);
  try {
    const { output } = await run(
      bound.map(({ fineTuned }) => fineTuned),
      { ...options, store, executor },
    );
    return {
      terms: output.flatMap(({ terms }, i) => terms.map((row) => ({ method: bound[i]!.method, ...row }))),
      memories: output.flatMap(({ memories }, i) =>
        [...new Set(memories.map(({ kind }) => kind))].map((kind) => {
          const rows = memories.filter((row) => row.kind === kind);
          const ages = rows.map(({ step }) => bound[i]!.steps - step);
          return {
            method: bound[i]!.method,
            kind,
            entries: rows.length,
            age: median(ages),
            oldest: Math.max(...ages),
            timestep: median(rows.map(({ timestep }) => timestep)),
          };
        }),
      ),
    };
  } finally {
    if (executor !== options.executor) await executor.close();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
