/** The command line. Each command's code is loaded when it is called; `src/cli.mjs` starts this file. */
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';

/** What asks a program to end: Ctrl-C, `kill` and `docker stop`, a terminal that is closed. */
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs one command, and sets the exit code. An error is one sentence and code 1; work that a signal stopped says that it
 * can go on, with the code that shells give that signal (130 for Ctrl-C).
 * @param argv as process.argv
 */
export async function run(argv: readonly string[]): Promise<void> {
  const stop = new AbortController();
  let stoppedBy: NodeJS.Signals = 'SIGINT';
  const abort = (signal: NodeJS.Signals) => {
    stoppedBy = signal;
    // Progress can't be written to a terminal that is gone, and must not end the work before its last checkpoint.
    if (signal === 'SIGHUP') for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    stop.abort();
  };
  /** Of work that can be resumed: a signal stops it. Other work ends there as programs do. */
  const stoppable = (): AbortSignal => {
    for (const name of STOPS) process.once(name, abort);
    return stop.signal;
  };
  try {
    const program = await declared(stoppable);
    await program.parseAsync(argv);
  } catch (error) {
    const isStop = stop.signal.aborted && (error === stop.signal.reason || isAbort(error));
    process.exitCode = isStop ? sayStopped(stoppedBy) : exitCodeOf(error);
  } finally {
    for (const name of STOPS) process.off(name, abort);
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

function sayStopped(signal: NodeJS.Signals): number {
  process.stderr.write('\nStopped. The same command goes on from here.\n');
  return 128 + constants.signals[signal];
}

/** Says what ended a command. @returns its exit code */
function exitCodeOf(error: unknown): number {
  // Commander has said it, or shown the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode;
  // These are faults of the program, which nobody finds without the place.
  const fault = error instanceof TypeError || error instanceof ReferenceError || !(error instanceof Error);
  if (fault || process.env.STILLHOUSE_VERBOSE) throw error;
  process.stderr.write(`${error.message}\n`);
  return 1;
}

type ReproduceCommand = Omit<import('./experiments/reproduce').ReproduceOptions, 'folder'> & { out?: string };

/** Every command. @param stoppable gives the signal by which Ctrl-C and its like stop the work that asks for it */
async function declared(stoppable: () => AbortSignal): Promise<Command> {
  const { addSweepCommands, wholeNumber } = await import('./sweeps/command-line');
  const [count, patchSize] = [wholeNumber(1), (text: string) => (text === 'image' ? text : wholeNumber(1)(text))];
  const program = new Command('stillhouse')
    .description('A laboratory in TypeScript notebooks for dataset distillation with diffusion models.')
    .showHelpAfterError()
    .exitOverride(); // its commands inherit it

  // cli.mjs runs these itself, before there are packages to import; they are declared here for --help.
  program
    .command('setup')
    .description('put everything in place: packages, Python, TensorFlow, Jupyter kernels')
    .option('--lab', 'install JupyterLab too')
    .addHelpText('after', example('setup --lab'));
  program
    .command('lab')
    .description('open the notebooks in JupyterLab; arguments are passed to it')
    .addHelpText('after', example('lab --no-browser'));
  program
    .command('test')
    .description('check types, lint and format, and run the tests; arguments are passed to vitest')
    .addHelpText('after', example('test tests/methods'));
  program.command('check').description('check types, lint and format').addHelpText('after', example('check'));

  program
    .command('doctor')
    .description('show versions, engine, device, measured speed, and each problem with its remedy')
    .addHelpText('after', example('doctor'))
    .action(async () => {
      process.exitCode = await (await import('./doctor')).doctor();
    });

  program
    .command('reproduce')
    .argument(
      '[names...]',
      "tables and figures, such as table-6, or 'all'; default: the tour, and a list of the others",
    )
    .option('--scale <name>', 'mini, cifar or paper', 'mini')
    .option('--change <json>', 'settings for all cells, such as {"imagesPerClass":[10]}', settingsAsJson)
    .option('--out <folder>', 'default: results/, or a folder below it where scale or settings are changed')
    .description('execute notebooks headless and leave them, their pages, tables and charts in results/')
    .addHelpText('after', example('reproduce table-6 figure-8 --scale mini'))
    .action(async (names: string[], { out, ...options }: ReproduceCommand) => {
      const { reproduce } = await import('./experiments/reproduce');
      await reproduce(names, { ...options, ...(out ? { folder: resolve(out) } : {}), signal: stoppable() });
    });

  program
    .command('wall')
    .description('write the overview of all results: results/README.md and results/index.html')
    .addHelpText('after', example('wall'))
    .action(async () => {
      const { wall } = await import('./experiments/wall');
      console.log((await wall()).join('\n'));
    });

  program
    .command('cost')
    .argument('<names...>', "tables and figures, such as table-6, or 'all'")
    .option('--scale <name>', 'mini, cifar or paper', 'paper')
    .option('--seconds-per-pass <s>', 'measured time of one image with one prompt or class through the prior', positive)
    .description(
      'estimate what the scoring or fine-tuning of a table costs, without its data: images, passes, disk, hours',
    )
    .addHelpText('after', '\nExample:\n  npx stillhouse cost table-5 --scale paper --seconds-per-pass 0.02')
    .action(async (names: string[], options: { scale: import('./experiments').ScaleName; secondsPerPass?: number }) => {
      const { catalogue, experimentCost, itemNamed, scaleOf, tablesOf } = await import('./experiments');
      for (const one of tablesOf(names.includes('all') ? catalogue : names.map((name) => itemNamed(name)))) {
        console.log(
          `${one.item}: ${experimentCost(one, scaleOf(options.scale, one.paper), options).join('\n  ') || 'not known'}`,
        );
      }
    });

  program
    .command('distil')
    .argument('<folder>', 'images in class folders: FOLDER/<class>/*.jpg or FOLDER/train/<class>/*.jpg')
    .option('--prior <folder>', 'a prior that knows the classes: trained by train-prior, or Stable Diffusion')
    .requiredOption('--ipc <n>', 'images per class of the distilled set', count)
    .requiredOption('--out <folder>', 'folder for the distilled set')
    .option('--size <pixels>', "short side of the images; default: the prior's, 256 for Stable Diffusion", count)
    .option('--split <name>', 'train, val or test; default train where there is one')
    .option('--per-class <n>', 'most images per class to select from; default: all', count)
    .option('--draws <n>', 'noise draws per image, a multiple of 3', count)
    .option('--patch-size <pixels>', "side of a patch, or 'image' for whole images", patchSize)
    .option('--clusters <n>', 'clusters per class; 0 selects patches by score only', wholeNumber(0))
    .option('--plan-only', 'show the estimated cost and stop')
    .description(
      'distil a folder of images with a diffusion prior; shows an estimate first; resumes where it was stopped',
    )
    .addHelpText('after', '\nExample:\n  npx stillhouse distil photos --prior priors/photos --ipc 10 --out distilled')
    .action(async (folder: string, options: import('./experiments').DistilCommandOptions) => {
      const { distilCommand } = await import('./experiments');
      await distilCommand(folder, { ...options, signal: stoppable() });
    });

  program
    .command('train-prior')
    .argument('<folder>', 'images in class folders: FOLDER/<class>/*.jpg or FOLDER/train/<class>/*.jpg')
    .option('--size <pixels>', 'side of the images, 32 or 64', count, 64)
    .option('--out <folder>', 'folder for the prior; default: <folder>-prior')
    .option('--split <name>', 'train, val or test; default train where there is one')
    .option('--per-class <n>', 'most images per class, chosen at random; default: all', count)
    .option('--no-mirror', "don't add mirrored images: for digits and text")
    .option('--seed <n>', 'seed of the initial weights and all random draws', wholeNumber(0), 0)
    .description(
      'train a small diffusion prior on your own images; shows an estimate first; resumes where it was stopped',
    )
    .addHelpText('after', example('train-prior photos --size 64 --out priors/photos'))
    .action(async (folder: string, options: import('./experiments').TrainPriorCommandOptions) => {
      const { trainPriorCommand } = await import('./experiments');
      await trainPriorCommand(folder, { ...options, signal: stoppable() });
    });

  program
    .command('train:priors')
    .option('--only <name>', 'still-life, cifar10 or still-life-dit; default all')
    .description('train the priors that ship in data/priors; resumes where it was stopped')
    .addHelpText('after', example('train:priors --only still-life'))
    .action(async (options: { only?: string }) => {
      const { trainPriors } = await import('./experiments/train-priors');
      for (const name of await trainPriors({ ...options, signal: stoppable() })) console.log(`data/priors/${name}`);
    });

  program
    .command('train:teachers')
    .description('train the teacher that ships in data/teachers; resumes where it was stopped')
    .addHelpText('after', example('train:teachers'))
    .action(async () => {
      const { trainTeachers } = await import('./experiments/train-teachers');
      console.log(await trainTeachers({ signal: stoppable() }));
    });

  program
    .command('download')
    .argument('<dataset>', 'cifar10 or cifar100')
    .option('--to <folder>', 'default: data/<dataset>, where the library looks for it')
    .description('fetch a dataset from its official source and check its hash; resumes where it was stopped')
    .addHelpText('after', example('download cifar10'))
    .action(async (dataset: string, options: { to?: string }) => {
      const { download } = await import('./experiments/download');
      console.log(await download(dataset, options));
    });

  program
    .command('share')
    .argument('<notebook>', 'a notebook, or a folder of them')
    .option('--out <path>', 'HTML file, or folder for several; default: beside the notebook')
    .description('turn a notebook into one HTML file that opens anywhere, offline')
    .addHelpText('after', example('share results/00-tour/executed.ipynb --out tour.html'))
    .action(async (notebook: string, options: { out?: string }) => {
      await (await import('./charts')).shareCommand(notebook, options);
    });

  program
    .command('verify')
    .argument('<notebooks...>')
    .option('--timeout <seconds>', 'time limit per cell', positive)
    .option('--kernel <name>', 'default: the one that the notebook names')
    .description('run notebooks again and compare every number with the recorded one')
    .addHelpText('after', example('verify results/00-tour/executed.ipynb'))
    .action(async (notebooks: string[], options: { timeout?: number; kernel?: string }) => {
      process.exitCode = await (await import('./charts')).verifyCommand(notebooks, options);
    });

  program
    .command('bench')
    .argument(
      '[what]',
      "'kernel': the notebook kernel beside ipykernel and stock tslab; 'jobs': whole jobs beside Python's; 'curves': jobs at growing sizes",
    )
    .description('compare the engine with PyTorch: time and memory of training steps')
    .addHelpText('after', example('bench jobs'))
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (what: string | undefined, _, command: Command) => {
      const named = what !== undefined && !what.startsWith('-');
      if (named && !benchmarks.includes(what)) {
        throw new Error(`Expected a benchmark among ${benchmarks.join(', ')}, or none, got '${what}'.`);
      }
      const suite = named ? what : 'run';
      const args = command.args.slice(suite === 'run' ? 0 : 1);
      const script = fileURLToPath(new URL(`../tests/bench/${suite}.ts`, import.meta.url));
      const { spawnSync } = await import('node:child_process');
      process.exitCode =
        spawnSync(process.execPath, [...process.execArgv, script, ...args], { stdio: 'inherit' }).status ?? 1;
    });

  addSweepCommands(
    program,
    async () => {
      const { allAtMini, namedSweeps } = await import('./experiments/named-sweeps');
      return { sweeps: namedSweeps, all: allAtMini };
    },
    stoppable,
  );

  program
    .command('ablation')
    .option('--fresh', 'use an empty store, measure the time, write results/ablation-selection.md')
    .option('--per-class <n>', 'images per class; default 50', count)
    .option('--draws <n>', 'noise draws per image; default 48', count)
    .option('--workers <n>', 'worker processes', count)
    .option(
      '--scratch-classes <n>',
      'classes that a plain script computes from scratch, for comparison; default 1, 0 for none',
      wholeNumber(0),
    )
    .option('--out <path>', 'path of the page')
    .description('run the selection in 60 configurations, in little more than the time of one')
    .addHelpText('after', example('ablation --per-class 20 --workers 2'))
    .action(async (options: import('./experiments/ablations').AblationCommandOptions) => {
      process.exitCode = await (await import('./experiments/ablations')).ablationCommand(options);
    });

  return program;
}

/** Scripts of tests/bench, beside the usual one. */
const benchmarks = ['kernel', 'jobs', 'curves'];

const example = (command: string): string => `\nExample:\n  npx stillhouse ${command}`;

/** An option that is an object. */
function settingsAsJson(text: string): Record<string, unknown> {
  try {
    const settings: unknown = JSON.parse(text);
    if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return { ...settings };
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw new InvalidArgumentError(`Expected settings as JSON, such as '{"imagesPerClass":[10]}', got '${text}'.`);
}

/** An option that is a number above 0. */
function positive(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError(`Expected a number above 0, got '${text}'.`);
}
