/** The command line of what is on the cluster: `slurm status`, `slurm cancel`, `slurm logs`. */
import type { CommandOptions } from './commands';
import { arrayLogs } from './executors/slurm/logs';
import { SlurmExecutor } from './executors/slurm/slurm';
import { Store } from './store/store';
import { printed } from './terminal';
import { tableText } from './words';

/** `slurm status`: what of this store is in the queue. */
export async function slurmStatusCommand(options: CommandOptions = {}): Promise<number> {
  const { write = printed, store } = options;
  const executor = new SlurmExecutor(new Store(store));
  const tasks = await executor.status();
  await executor.close();
  write(tasks.length === 0 ? 'Nothing in the queue.\n' : tableText(tasks.map((task) => ({ ...task }))));
  return 0;
}

/** `slurm cancel`: takes all of this store's jobs out of the queue. */
export async function slurmCancelCommand(options: CommandOptions = {}): Promise<number> {
  const { write = printed, store } = options;
  const executor = new SlurmExecutor(new Store(store));
  await executor.cancel();
  await executor.close();
  write('Cancelled. What was finished is in the store; run again to go on.\n');
  return 0;
}

/** `slurm logs [JOB] [--lines n]`: how each pack of the submitted arrays ended, with the end of its log where it failed or is asked for. */
export async function slurmLogsCommand(
  options: CommandOptions & { job?: string; lines?: number } = {},
): Promise<number> {
  const { write = printed, store, job, lines = 20 } = options;
  const logs = arrayLogs(new Store(store)).filter((log) => job === undefined || log.job === job);
  if (logs.length === 0) {
    write(job === undefined ? 'Nothing was submitted from this store.\n' : `No job ${job} of this store.\n`);
    return job === undefined ? 0 : 1;
  }
  write(tableText(logs.map(({ errors, path, text, ...log }) => log)));
  for (const { job: id, pack, failed, errors, path, text } of logs) {
    if (job === undefined && failed === 0) continue;
    write(`${id}_${pack}: ${path}\n`);
    for (const error of errors) write(`  ${error}\n`);
    for (const line of text.trimEnd().split('\n').slice(-lines).filter(Boolean)) write(`  | ${line}\n`);
  }
  return 0;
}
