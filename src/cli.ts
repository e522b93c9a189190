/** The command line: a list of what there is, each loaded when it is called. */
import { Command } from 'commander';

const program = new Command('stillhouse')
  .description('A laboratory in TypeScript notebooks for dataset distillation with diffusion models.')
  .showHelpAfterError();

program
  .command('doctor')
  .description('versions, engine, device, speed, and each problem with its remedy')
  .action(async () => (await import('./setup/doctor')).doctor());

await program.parseAsync();
