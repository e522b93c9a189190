/** `plan`, `run`, `results`, `store …` and `slurm …` for the command line: declared here, loaded when one is called. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { NamedSweeps } from './load-sweep';
import type { Sweep } from './plan/sweep';

type Machinery = typeof import('./index');

/** An option that is a whole number of at least `least`. @returns commander's parser of it */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}, got '${text}'.`);
  };

/** Bytes with their unit: `500MB`, `2 GB`, `1000`. */
function bytes(text: string): number {
  const [, value, unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([kMGT]?B)?$/.exec(text.trim()) ?? [];
  if (value !== undefined) return Number(value) * 1000 ** ['B', 'kB', 'MB', 'GB', 'TB'].indexOf(unit);
  throw new InvalidArgumentError(`Expected a size such as 500MB or 20GB, got '${text}'.`);
}

/**
 * Adds the commands to a program.
 * @param named gives the sweeps that are called by name, and which of them 'all' are; it's asked when a command needs one
 * @param stoppable gives the signal by which Ctrl-C stops a run
 */
export function addSweepCommands(
  program: Command,
  named: () => Promise<{ sweeps: NamedSweeps; all: readonly string[] }>,
  stoppable: () => AbortSignal,
): void {
  /** Runs a command, which gives its exit code. */
  const act =
    <A extends unknown[]>(work: (machinery: Machinery, ...args: A) => Promise<number>) =>
    async (...args: A): Promise<void> => {
      process.exitCode = await work(await import('./index'), ...args);
    };
  const command = (parent: Command, text: string, description: string, example = text) =>
    parent
      .command(text)
      .description(description)
      .addHelpText('after', `\nExample:\n  npx stillhouse ${parent === program ? '' : `${parent.name()} `}${example}`)
      .addOption(new Option('--store <folder>', "default: STILLHOUSE_STORE, or the project's").env('STILLHOUSE_STORE'));
  const SWEEP = '<sweep>';
  const sweepHelp = `A sweep is called by its name, or by a module that declares it: path/to/sweep.ts or path/to/sweep.ts#name.`;
  const ofSweep = (text: string, description: string) =>
    command(program, `${text} ${SWEEP}`, description, `${text} selection-ablation`).addHelpText(
      'after',
      `\n${sweepHelp}`,
    );
  // A name may be a path: what has no file ending needs the list.
  const load = async ({ loadSweep }: Machinery, what: string) =>
    loadSweep(what, /\.[cm]?[jt]s(#|$)/.test(what) ? {} : (await named()).sweeps);

  const loadAll = async (machinery: Machinery, names: readonly string[]) => {
    const wanted = names.includes('all') ? (await named()).all : names;
    const { countProgress } = await import('./terminal');
    const report = countProgress();
    const sweeps: Sweep[] = [];
    for (const [i, name] of wanted.entries()) {
      sweeps.push(await load(machinery, name));
      report({ label: `Opening ${name}`, done: i + 1, total: wanted.length });
    }
    return sweeps;
  };

  command(
    program,
    'plan <sweeps...>',
    'what sweeps would do: runs, distinct stages, hits, time and disk; nothing runs',
    'plan table-5 table-6',
  )
    .addHelpText(
      'after',
      `\n${sweepHelp}\nSeveral have a line each, and what they share counts once; 'all' are those of scale mini.`,
    )
    .option('--explain', 'for each stage, what changed since it last ran')
    .option('--workers <n>', 'worker processes to reckon the time for', wholeNumber(1))
    .option('--threads <n>', 'and threads of all of them together', wholeNumber(1))
    .action(
      act(
        async (machinery, what: string[], options: Place & { explain?: boolean; workers?: number; threads?: number }) =>
          machinery.planCommand(await loadAll(machinery, what), options),
      ),
    );

  ofSweep('run', 'work out what the store lacks of a sweep; the same again to resume')
    .addOption(new Option('--executor <where>', 'where').choices(['local', 'slurm']).default('local'))
    .option('--workers <n>', 'worker processes', wholeNumber(1))
    .option('--threads <n>', 'threads of all workers together', wholeNumber(1))
    .option('--memory <MiB>', 'memory of all workers together', wholeNumber(1))
    .option('--max-failures <n>', 'failures after which nothing new begins; default: keep going', wholeNumber(0))
    .option('--slots <n>', 'Slurm: array members that may run at once', wholeNumber(1))
    .option('--sbatch <argument...>', 'Slurm: more arguments for sbatch, as --sbatch=--partition=gpu')
    .action(
      act(async (machinery, what: string, options: RunOptions) => {
        const { slots, sbatch, ...rest } = options;
        const slurm = { ...(slots ? { slots } : {}), ...(sbatch ? { sbatch } : {}) };
        return machinery.runCommand(await load(machinery, what), { ...rest, slurm, signal: stoppable() });
      }),
    );

  ofSweep('results', 'the table of what the store holds of a sweep: mean, sd and n; nothing runs')
    .option('--csv', 'one row per run, as CSV')
    .action(
      act(async (machinery, what: string, options: { store?: string; csv?: boolean }) =>
        machinery.resultsCommand(await load(machinery, what), options),
      ),
    );

  const store = program.command('store').description('what is kept, why, and what may go');
  command(store, 'ls', 'stages and runs, their sizes and work').action(
    act(({ storeListCommand }, options: Place) => storeListCommand(options)),
  );
  command(store, 'why <hash>', 'what a result was made of, who used it, which run keeps it', 'why 3f9ab2').action(
    act(({ storeWhyCommand }, hash: string, options: Place) => storeWhyCommand(hash, options)),
  );
  command(store, 'gc', 'what may go and what it would take to make again; with --yes it goes', 'gc --keep-runs 5')
    .option('--yes', 'do it')
    .option('--keep-runs <n>', 'forget all but the latest so many runs (pinned ones stay)', wholeNumber(0))
    .option('--max-bytes <size>', 'forget the oldest runs until what is left fits: 500MB, 20GB', bytes)
    .option('--grace-minutes <n>', 'what is younger stays; default 60', wholeNumber(0))
    .action(
      act(
        (
          { storeGcCommand },
          options: Place & { yes?: boolean; keepRuns?: number; maxBytes?: number; graceMinutes?: number },
        ) => storeGcCommand(options),
      ),
    );
  command(
    store,
    'costs <file>',
    'what work took here, as a file that plans elsewhere can use',
    'costs data/costs.json',
  ).action(act(({ storeCostsCommand }, file: string, options: Place) => storeCostsCommand(file, options)));
  command(store, 'pin <run>', 'keep a run whatever gc is told', 'pin RUN').action(
    act(({ storePinCommand }, run: string, options: Place) => storePinCommand(run, options)),
  );
  command(store, 'unpin <run>', 'let it go with the others', 'unpin RUN').action(
    act(({ storePinCommand }, run: string, options: Place) => storePinCommand(run, { ...options, pinned: false })),
  );
  command(store, 'export <run> <file>', 'a run with its artifacts as one file', 'export RUN run.stillhouse').action(
    act(({ storeExportCommand }, run: string, file: string, options: Place) => storeExportCommand(run, file, options)),
  );
  command(store, 'import <file>', "a colleague's run into this store", 'import run.stillhouse').action(
    act(({ storeImportCommand }, file: string, options: Place) => storeImportCommand(file, options)),
  );

  const slurm = program.command('slurm').description("this store's work on the cluster");
  command(slurm, 'status', 'what is in the queue').action(
    act(({ slurmStatusCommand }, options: Place) => slurmStatusCommand(options)),
  );
  command(slurm, 'cancel', 'take it all out of the queue; what is finished stays').action(
    act(({ slurmCancelCommand }, options: Place) => slurmCancelCommand(options)),
  );
  command(
    slurm,
    'logs [job]',
    'how each pack ended, and the logs of those that failed or of one job',
    'logs --lines 20',
  )
    .option('--lines <n>', 'lines of each log', wholeNumber(1))
    .action(
      act(({ slurmLogsCommand }, job: string | undefined, options: Place & { lines?: number }) =>
        slurmLogsCommand({ ...options, ...(job === undefined ? {} : { job }) }),
      ),
    );
}

interface Place {
  store?: string;
}

interface RunOptions extends Place {
  executor: 'local' | 'slurm';
  workers?: number;
  threads?: number;
  memory?: number;
  maxFailures?: number;
  slots?: number;
  sbatch?: string[];
}
