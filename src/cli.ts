/** The command line: a list of what there is, each loaded when it is called. `src/cli.mjs` starts it. */
import { Command } from 'commander';

/** Runs one command. @param argv as process.argv */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('stillhouse')
    .description('A laboratory in TypeScript notebooks for dataset distillation with diffusion models.')
    .showHelpAfterError();

  // These are done by cli.mjs, before there is anything to import; here they are named for the help.
  program
    .command('setup')
    .description('put everything in place: packages, Python, TensorFlow, Jupyter kernels')
    .option('--lab', 'JupyterLab too');
  program.command('lab').description('JupyterLab on the notebooks; arguments go to it');
  program.command('test').description('types, lint, format and tests; arguments go to vitest');
  program.command('check').description('types, lint and format');

  program
    .command('doctor')
    .description('versions, engine, device, measured speed, and each problem with its remedy')
    .action(async () => {
      process.exitCode = await (await import('./doctor')).doctor();
    });

  await program.parseAsync(argv);
}
