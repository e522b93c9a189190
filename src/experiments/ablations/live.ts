/** A chart of a sweep that fills in as its runs finish. */
import { liveOutput, type ResultRow } from '../../charts';
import type { Row, SweepResults } from '../../sweeps';

export interface LiveChartOptions {
  /** Least time between two drawings, in milliseconds. Default: 500. */
  every?: number;
}

export interface LiveChart {
  /** Pass it to `runSweep`. */
  onResults(results: SweepResults, row: Row): void;
  /** Draws the last state; resolves when it stands. */
  close(): Promise<void>;
}

/**
 * Draws one output and replaces it while rows come in.
 * @param draw what to show of the rows that are done: a chart, a table
 * @example
 *   const live = liveChart((rows) => lineChart(rows, { x: 'imagesPerClass', value: 'score', series: 'patchSize' }));
 *   const { results } = await runSweep(sweep, { onResults: live.onResults });
 *   await live.close();
 */
export function liveChart(
  draw: (rows: readonly ResultRow[]) => unknown,
  { every = 500 }: LiveChartOptions = {},
): LiveChart {
  const output = liveOutput();
  let waiting: SweepResults | undefined;
  let drawing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failure: { error: unknown } | undefined;
  let last = Number.NEGATIVE_INFINITY;

  const drawNow = async (): Promise<void> => {
    const results = waiting;
    waiting = undefined;
    failure = undefined;
    clearTimeout(timer);
    timer = undefined;
    const rows = doneRows(results);
    if (rows.length === 0) return;
    await output.show(await draw(rows));
    last = performance.now();
  };
  const soon = (): void => {
    if (timer || drawing) return;
    timer = setTimeout(
      () => {
        // A chart that can't be drawn of few rows may be drawn of more; of the last state `close` tells.
        drawing = drawNow()
          .catch((error: unknown) => {
            failure = { error };
          })
          .finally(() => {
            drawing = undefined;
            if (waiting) soon();
          });
      },
      Math.max(0, last + every - performance.now()),
    );
  };
  return {
    onResults(results) {
      waiting = results;
      soon();
    },
    async close() {
      try {
        await drawing;
        if (waiting) await drawNow();
        else if (failure) throw failure.error;
      } finally {
        output.end();
      }
    },
  };
}

function doneRows(results: SweepResults | undefined): ResultRow[] {
  const rows = (results?.table.objects() ?? []) as ResultRow[];
  return rows.filter(({ status }) => status === 'done');
}
