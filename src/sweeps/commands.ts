/** The command line of sweeps and of the store: each function prints, and gives the exit code. */
import { bytesText, duration } from '../common';
import { StageDefinitionError } from './errors';
import { LocalExecutor } from './executors/local';
import type { SlurmExecutorOptions } from './executors/slurm/options';
import { SlurmExecutor } from './executors/slurm/slurm';
import { exportRun, importRun } from './housekeeping/bundle';
import { type GcOptions, planGc } from './housekeeping/gc';
import { list, pin, why } from './housekeeping/inspect';
import { gatherCosts, writeCosts } from './plan/known-costs';
import { plan, planTogether } from './plan/plan';
import { resultsOf, runSweep } from './run/run-sweep';
import type { Sweep } from './plan/sweep';
import { jointPlanText, planText } from './plan/text';
import { Store } from './store/store';
import { countProgress, printed, terminalOf, terminalProgress } from './terminal';
import { tableText } from './words';

/** What every command takes. */
export interface CommandOptions {
  /** The store's folder. Default: the project's. */
  store?: string;
  /** Where to print. Default: stdout. */
  write?: (text: string) => void;
}

const storeOf = ({ store }: CommandOptions) => new Store(store);

/** `plan SWEEP… [--explain] [--workers n] [--threads n]`: one sweep by stages, several by a line each. */
export async function planCommand(
  sweeps: readonly Sweep[],
  options: CommandOptions & { explain?: boolean; workers?: number; threads?: number } = {},
): Promise<number> {
  const { write = printed, explain = false, workers, threads } = options;
  const limits = { store: storeOf(options), ...(workers ? { workers } : {}), ...(threads ? { threads } : {}) };
  const [first, ...others] = sweeps;
  if (!first) throw new StageDefinitionError('Expected the name of a sweep to plan, got none.');
  if (others.length > 0) write(jointPlanText(await planTogether(sweeps, limits)));
  else write(planText(await plan(first, { ...limits, explain }), { explain, name: first.name }));
  return 0;
}

/** `store costs FILE`: what each stage's work took in this store, for plans elsewhere. */
export async function storeCostsCommand(file: string, options: CommandOptions = {}): Promise<number> {
  const { write = printed } = options;
  const costs = gatherCosts(storeOf(options));
  writeCosts(file, costs);
  write(`${file}: ${costs.length} costs of ${new Set(costs.map(({ stage }) => stage)).size} stages.\n`);
  return 0;
}

export interface RunCommandOptions extends CommandOptions {
  /** Default: local. */
  executor?: 'local' | 'slurm';
  /** Worker processes. Default: one per thread. */
  workers?: number;
  /** Threads and memory (MiB) of all workers together. */
  threads?: number;
  memory?: number;
  maxFailures?: number;
  slurm?: SlurmExecutorOptions;
  signal?: AbortSignal;
}

/** `run SWEEP`: what the store lacks, with progress; then the summary. Exit code 1 where points have no result. */
export async function runCommand(sweep: Sweep, options: RunCommandOptions = {}): Promise<number> {
  const { write = printed, executor: kind = 'local', maxFailures, signal, slurm, workers, threads, memory } = options;
  const store = storeOf(options);
  const limits = { ...(workers ? { workers } : {}), ...(threads ? { threads } : {}), ...(memory ? { memory } : {}) };
  const executor = kind === 'slurm' ? new SlurmExecutor(store, slurm) : new LocalExecutor(store, limits);
  const progress = terminalProgress(write, write === printed ? terminalOf(process.stdout) : {});
  try {
    const run = await runSweep(sweep, {
      store,
      executor,
      ...(maxFailures === undefined ? {} : { maxFailures }),
      ...(signal ? { signal } : {}),
      onProgress: progress.onProgress,
      onEvent(event) {
        if (event.type === 'failed') progress.news(`FAILED ${event.error.message.split('\n')[0]}`);
        if (event.type === 'retry') progress.news(`again: ${event.error.message}`);
        if (event.type === 'remade') progress.news(`remade: ${event.stage}: ${event.damage}`);
      },
    });
    progress.close();
    write(run.results.text());
    write(
      `${run.hits} found, ${run.misses} worked out, ${run.retries} lost and repeated, in ${duration(run.seconds)}.\n`,
    );
    return run.results.rows.every(({ status }) => status === 'done') ? 0 : 1;
  } finally {
    await executor.close();
  }
}

/** `results SWEEP [--csv]`: what the store holds, without any work. */
export async function resultsCommand(sweep: Sweep, options: CommandOptions & { csv?: boolean } = {}): Promise<number> {
  const { write = printed, csv = false } = options;
  const results = await resultsOf(sweep, storeOf(options));
  write(csv ? results.table.toCSV() : results.text());
  return 0;
}

/** `store ls` */
export async function storeListCommand(options: CommandOptions = {}): Promise<number> {
  const { write = printed } = options;
  const { stages, runs } = list(storeOf(options));
  write(
    tableText(
      stages.map(({ bytes, seconds, ...line }) => ({ ...line, size: bytesText(bytes), work: duration(seconds) })),
    ),
  );
  write(tableText(runs.map((run) => ({ run: run.id, ...run, id: undefined }))));
  return 0;
}

/** `store why HASH` */
export async function storeWhyCommand(hash: string, options: CommandOptions = {}): Promise<number> {
  const { write = printed } = options;
  for (const { record, parameters, madeOf, usedBy, keptBy } of why(storeOf(options), hash)) {
    const lines = (title: string, entries: readonly string[]) =>
      `  ${title}: ${entries.length === 0 ? 'nothing' : entries.join('\n    ')}\n`;
    write(`${record.material.stage} ${record.key}\n  output ${record.output}, ${record.blobs.length} blobs\n`);
    write(`  parameters: ${JSON.stringify(parameters)}\n`);
    if (record.material.item !== undefined) write(`  item: ${JSON.stringify(record.material.item)}\n`);
    write(`  version ${record.material.version}, code ${record.material.code.slice(0, 12)}\n`);
    write(`  took ${duration(record.seconds)} on ${record.machine}, ${record.finished}\n`);
    write(lines('made of', counted(madeOf.map(({ input, stage, key }) => ({ what: `${input}: ${stage}`, key })))));
    write(lines('used by', counted(usedBy.map(({ stage, key }) => ({ what: stage, key })))));
    write(lines('kept by', keptBy));
  }
  return 0;
}

/** A line for each kind, with the first keys. */
function counted(entries: readonly { what: string; key: string }[]): string[] {
  const kinds = new Map<string, string[]>();
  for (const { what, key } of entries) kinds.set(what, [...(kinds.get(what) ?? []), key.slice(0, 12)]);
  return [...kinds].map(([what, keys]) => {
    const shown = keys.slice(0, 3).join(', ');
    return keys.length > 3 ? `${what}, ${keys.length} of them: ${shown}, …` : `${what} ${shown}`;
  });
}

/** `store gc [--yes] [--keep-runs n] [--max-bytes n] [--grace minutes]`: says what would go; with `yes` it goes. */
export async function storeGcCommand(options: CommandOptions & GcOptions & { yes?: boolean } = {}): Promise<number> {
  const { write = printed, yes = false } = options;
  const { report, go } = planGc(storeOf(options), options);
  write(
    tableText(
      report.stages.map(({ bytes, seconds, ...line }) => ({
        ...line,
        size: bytesText(bytes),
        'to make again': duration(seconds),
      })),
    ),
  );
  write(
    tableText(
      report.runsKept.map(({ onlyBytes, ...run }) => ({
        kept: run.id,
        ...run,
        id: undefined,
        'it alone keeps': bytesText(onlyBytes),
      })),
    ),
  );
  if (report.runsGone.length > 0) write(`Runs forgotten: ${report.runsGone.join(', ')}\n`);
  if (report.young > 0) write(`${report.young} results that no run keeps are too young to go.\n`);
  write(
    `${yes ? 'Gone' : 'Would go'}: ${bytesText(report.bytes)} in ${report.blobs} blobs, ${duration(report.seconds)} to make again. `,
  );
  const passing = Object.entries(report.passing).flatMap(([folder, count]) =>
    count > 0 ? [`${count} in ${folder}`] : [],
  );
  if (passing.length > 0) write(`Beside these: ${passing.join(', ')}. `);
  write(`${yes ? 'Kept' : 'Would stay'}: ${bytesText(report.keptBytes)}.\n`);
  if (yes) go();
  else write('Nothing has been touched. Add --yes to do it.\n');
  return 0;
}

/** `store pin RUN`, `store unpin RUN` */
export async function storePinCommand(
  run: string,
  options: CommandOptions & { pinned?: boolean } = {},
): Promise<number> {
  const { write = printed, pinned = true } = options;
  await pin(storeOf(options), run, pinned);
  write(`${run} is ${pinned ? 'pinned' : 'not pinned any more'}.\n`);
  return 0;
}

/** `store export RUN FILE` */
export async function storeExportCommand(run: string, file: string, options: CommandOptions = {}): Promise<number> {
  const { write = printed } = options;
  const { records, missing, blobs, bytes } = await exportRun(storeOf(options), run, file, {
    onProgress: countProgress(),
  });
  write(`${file}: ${records} results, ${blobs} blobs, ${bytesText(bytes)} before packing.\n`);
  if (missing > 0) write(`${missing} more of the run are not in the store: run it again to have them in the file.\n`);
  return 0;
}

/** `store import FILE` */
export async function storeImportCommand(file: string, options: CommandOptions = {}): Promise<number> {
  const { write = printed } = options;
  const { run, records, blobs, bytes } = await importRun(storeOf(options), file, { onProgress: countProgress() });
  write(`Run ${run}: ${records} results, ${blobs} blobs, ${bytesText(bytes)}.\n`);
  return 0;
}
