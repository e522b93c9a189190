/** The command line: a list of what there is, each loaded when it is called. `src/cli.mjs` starts it. */
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';

/** Runs one command. @param argv as process.argv */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('stillhouse')
    .description('A laboratory in TypeScript notebooks for dataset distillation with diffusion models.')
    .showHelpAfterError();

  // These are done by cli.mjs, before there is anything to import; here they are named for the help.
  program
    .command('setup')
    .description('put everything in place: packages, Python, TensorFlow, Jupyter kernels')
    .option('--lab', 'JupyterLab too')
    .addHelpText('after', example('setup --lab'));
  program
    .command('lab')
    .description('JupyterLab on the notebooks; arguments go to it')
    .addHelpText('after', example('lab --no-browser'));
  program
    .command('test')
    .description('types, lint, format and tests; arguments go to vitest')
    .addHelpText('after', example('test tests/methods'));
  program.command('check').description('types, lint and format').addHelpText('after', example('check'));

  program
    .command('doctor')
    .description('versions, engine, device, measured speed, and each problem with its remedy')
    .addHelpText('after', example('doctor'))
    .action(async () => {
      process.exitCode = await (await import('./doctor')).doctor();
    });

  program
    .command('reproduce')
    .argument(
      '[names...]',
      "tables and figures, such as table-6, or 'all'; default: the tour, and which others there are",
    )
    .option('--scale <name>', 'mini, cifar or paper', 'mini')
    .description('execute notebooks headless and leave them, their pages, tables and charts in results/')
    .addHelpText('after', example('reproduce table-6 figure-8 --scale mini'))
    .action(async (names: string[], { scale }: { scale: import('./experiments').ScaleName }) => {
      const { reproduce } = await import('./experiments/reproduce');
      const change = JSON.parse(process.env.CHANGE ?? '{}');
      await untilStopped((signal) => reproduce(names, { scale, change, signal }));
    });

  program
    .command('wall')
    .description('write the wall of all results: results/README.md and results/index.html')
    .addHelpText('after', example('wall'))
    .action(async () => {
      const { wall } = await import('./experiments/wall');
      await inOneSentence(async () => console.log((await wall()).join('\n')));
    });

  program
    .command('cost')
    .argument('<names...>', "tables and figures, such as table-6, or 'all'")
    .option('--scale <name>', 'mini, cifar or paper', 'paper')
    .option('--seconds-per-pass <s>', 'measured: one image under one prompt or class through the prior', Number)
    .description(
      'what the scoring or the fine-tuning of a table costs before there is data: images, passes, disk, hours',
    )
    .addHelpText('after', '\nExample:\n  npx stillhouse cost table-5 --scale paper --seconds-per-pass 0.02')
    .action(async (names: string[], options: { scale: import('./experiments').ScaleName; secondsPerPass?: number }) => {
      const { catalogue, experimentCost, itemNamed, scaleOf, tablesOf } = await import('./experiments');
      for (const one of tablesOf(names.includes('all') ? catalogue : names.map(itemNamed))) {
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
    .requiredOption('--out <folder>', 'where the set goes')
    .option('--size <pixels>', "short side of the images; default the prior's, 256 for Stable Diffusion", count)
    .option('--split <name>', 'train, val or test; default train where there is one')
    .option('--per-class <n>', 'images of each class that are looked at, at most; default all', count)
    .option('--draws <n>', 'noise draws per image, a multiple of 3', count)
    .option('--patch-size <pixels>', "side of a patch, or 'image' for whole images", patchSize)
    .option('--clusters <n>', 'clusters per class; 0 takes patches by score alone', wholeNumber)
    .option('--plan-only', 'say what it would cost, and do no more')
    .description(
      'distil a folder of images by a diffusion prior; says first how long it takes, goes on where it was stopped',
    )
    .addHelpText('after', '\nExample:\n  npx stillhouse distil photos --prior priors/photos --ipc 10 --out distilled')
    .action(async (folder: string, options: import('./experiments').DistilCommandOptions) => {
      const { distilCommand } = await import('./experiments');
      await untilStopped((signal) => distilCommand(folder, { ...options, signal }));
    });

  program
    .command('train-prior')
    .argument('<folder>', 'images in class folders: FOLDER/<class>/*.jpg or FOLDER/train/<class>/*.jpg')
    .option('--size <pixels>', 'side of the images, 32 or 64', count, 64)
    .option('--out <folder>', 'where the prior goes; default <folder>-prior')
    .option('--split <name>', 'train, val or test; default train where there is one')
    .option('--per-class <n>', 'images of each class, at most, chosen at random; default all', count)
    .option('--no-mirror', 'mirrored copies do not count as new images: for digits and text')
    .option('--seed <n>', 'of initial weights and every draw', wholeNumber, 0)
    .description(
      'train a small diffusion prior on your own images; says first how long it takes, goes on where it was stopped',
    )
    .addHelpText('after', example('train-prior photos --size 64 --out priors/photos'))
    .action(async (folder: string, options: import('./experiments').TrainPriorCommandOptions) => {
      const { trainPriorCommand } = await import('./experiments');
      await untilStopped((signal) => trainPriorCommand(folder, { ...options, signal }));
    });

  program
    .command('train:priors')
    .option('--only <name>', 'still-life or cifar10; default both')
    .description('train the priors that ship in data/priors; goes on where it was stopped')
    .addHelpText('after', example('train:priors --only still-life'))
    .action(async (options: { only?: string }) => {
      const { trainPriors } = await import('./experiments/train-priors');
      const written = await untilStopped((signal) => trainPriors({ ...options, signal }));
      for (const name of written ?? []) console.log(`data/priors/${name}`);
    });

  program
    .command('train:teachers')
    .description('train the teacher that ships in data/teachers; goes on where it was stopped')
    .addHelpText('after', example('train:teachers'))
    .action(async () => {
      const { trainTeachers } = await import('./experiments/train-teachers');
      const folder = await untilStopped((signal) => trainTeachers({ signal }));
      if (folder) console.log(folder);
    });

  program
    .command('download')
    .argument('<dataset>', 'cifar10 or cifar100')
    .option('--to <folder>', 'default data/<dataset>, where it is found')
    .description('fetch a dataset from its official source, checked by its hash; goes on where it was stopped')
    .addHelpText('after', example('download cifar10'))
    .action(async (dataset: string, options: { to?: string }) => {
      const { download } = await import('./experiments/download');
      await inOneSentence(async () => console.log(await download(dataset, options)));
    });

  program
    .command('share')
    .argument('<notebook>', 'a notebook, or a folder of them')
    .option('--out <path>', 'where to')
    .description('one HTML file that opens anywhere, offline')
    .addHelpText('after', example('share results/00-tour/executed.ipynb --out tour.html'))
    .action(async (notebook: string, options: { out?: string }) => {
      process.exitCode = await (await import('./charts')).shareCommand(notebook, options);
    });

  program
    .command('verify')
    .argument('<notebooks...>')
    .option('--timeout <seconds>', 'for one cell', Number)
    .option('--kernel <name>', 'default: the one that the notebook names')
    .description('run notebooks again and compare every number with the one that they hold')
    .addHelpText('after', example('verify results/00-tour/executed.ipynb'))
    .action(async (notebooks: string[], options: { timeout?: number; kernel?: string }) => {
      process.exitCode = await (await import('./charts')).verifyCommand(notebooks, options);
    });

  program
    .command('bench')
    .argument(
      '[what]',
      "'kernel': the notebook kernel beside ipykernel and stock tslab; 'jobs': whole jobs beside Python",
    )
    .description('the engine beside PyTorch: time and memory of training steps')
    .addHelpText('after', example('bench jobs'))
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (what: string | undefined, _, command: Command) => {
      const suite = what === 'kernel' || what === 'jobs' ? what : 'run';
      const args = command.args.slice(suite === 'run' ? 0 : 1);
      const script = fileURLToPath(new URL(`../tests/bench/${suite}.ts`, import.meta.url));
      const { spawnSync } = await import('node:child_process');
      process.exitCode =
        spawnSync(process.execPath, [...process.execArgv, script, ...args], { stdio: 'inherit' }).status ?? 1;
    });

  const { addSweepCommands } = await import('./sweeps/command-line');
  addSweepCommands(program, async () => (await import('./experiments/named-sweeps')).namedSweeps);

  program
    .command('ablation')
    .option('--fresh', 'in an empty store of its own, timed, written to results/ablation-selection.md')
    .option('--per-class <n>', 'images per class; default 50', Number)
    .option('--draws <n>', 'noise draws per image; default 48', Number)
    .option('--workers <n>', 'worker processes', Number)
    .option('--scratch-classes <n>', 'classes that the script from scratch works out; default 1, 0 for none', Number)
    .option('--out <path>', 'where the page goes')
    .description('the selection in 60 configurations, for little more than the time of one')
    .addHelpText('after', example('ablation --per-class 20 --workers 2'))
    .action(async (options: import('./experiments/ablations').AblationCommandOptions) => {
      process.exitCode = await (await import('./experiments/ablations')).ablationCommand(options);
    });

  await program.parseAsync(argv);
}

const example = (command: string): string => `\nExample:\n  npx stillhouse ${command}`;

/** Runs work whose failure a person can mend: the error's sentence is enough, its stack is for STILLHOUSE_VERBOSE. */
async function inOneSentence(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (process.env.STILLHOUSE_VERBOSE) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

/** Runs work that Ctrl-C stops where it can go on from. @returns undefined when it was stopped, or a scale has nothing for it */
async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  try {
    return await work(stop.signal);
  } catch (error) {
    if ((error as Error).name === 'NotAtThisScale') {
      process.stderr.write(`${(error as Error).message}\n`);
      process.exitCode = 1;
      return undefined;
    }
    if (!stop.signal.aborted) throw error;
    process.stderr.write('\nStopped. The same command goes on from here.\n');
    process.exitCode = 130;
    return undefined;
  }
}

/** An option that counts. */
function count(text: string): number {
  const number = wholeNumber(text);
  if (number < 1) throw new InvalidArgumentError(`Expected a whole number of at least 1, got '${text}'.`);
  return number;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isInteger(number)) return number;
  throw new InvalidArgumentError(`Expected a whole number, got '${text}'.`);
}

const patchSize = (text: string): number | 'image' => (text === 'image' ? text : count(text));
