/** Slurm's own commands, called without a shell. No accounting database is needed. */
import { execFile } from 'node:child_process';

/** A Slurm command failed: the controller is down, or it refused. */
export class SlurmError extends Error {
  override readonly name = 'SlurmError';

  /** The controller (or munge) can't be reached now; it may be back in a while. */
  get isUnreachable(): boolean {
    return /unable to contact|timed out|connection (refused|failure|reset)|temporarily|zero bytes|ETIMEDOUT|EAGAIN|munge/i.test(
      this.message,
    );
  }
}

/** One task of a job array as the queue knows it. */
export interface QueuedTask {
  /** Id of the array's job. */
  job: string;
  /** Index in the array. */
  index: number;
  /** PENDING, RUNNING, COMPLETING, … */
  state: string;
  /** Why it waits. */
  reason: string;
  node: string;
}

/**
 * Runs a command and gives its output.
 * @param options.seconds after which it is ended. Default: 30
 * @throws SlurmError with what it said
 */
export function slurm(
  command: string,
  args: readonly string[],
  { input, seconds = 30 }: { input?: string; seconds?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: seconds * 1000, maxBuffer: 1 << 26 };
    const child = execFile(command, args, limits, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      // An overloaded controller: Node says only that the command was killed.
      const reason = error.killed ? `timed out after ${seconds} s` : (stderr || error.message).trim();
      reject(new SlurmError(`\`${command} ${args.join(' ')}\` failed: ${reason}`));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** The tasks of these jobs that are still in the queue; finished ones have left it. */
export async function queue(jobs: readonly string[]): Promise<QueuedTask[]> {
  if (jobs.length === 0) return [];
  const format = '%F|%K|%T|%r|%N';
  const text = await slurm('squeue', [
    '--noheader',
    '--array',
    '--states=all',
    '--format',
    format,
    '--jobs',
    jobs.join(','),
  ]).catch((error: SlurmError) => {
    // Of jobs that it has forgotten (MinJobAge), squeue says so and nothing else.
    if (error.message.includes('Invalid job id')) return '';
    throw error;
  });
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [job = '', index = '0', state = '', reason = '', node = ''] = line.split('|');
      return { job, index: Number(index), state, reason, node };
    })
    .filter(({ state }) => !ENDED.has(state));
}

const ENDED = new Set([
  'COMPLETED',
  'CANCELLED',
  'FAILED',
  'TIMEOUT',
  'DEADLINE',
  'OUT_OF_MEMORY',
  'BOOT_FAIL',
  'NODE_FAIL',
  'PREEMPTED',
  'REVOKED',
]);

export interface ArrayRequest {
  name: string;
  /** Tasks of the array. */
  size: number;
  threads: number;
  memory: number;
  gpus: number;
  minutes: number;
  /** Path of the tasks' logs; `%a` is the index. */
  log: string;
  /** The shell script. */
  script: string;
  /** More arguments for sbatch: `['--partition=gpu', '--account=lab']`. */
  extra: readonly string[];
}

/** Submits a job array; returns its id. */
export async function submit({
  name,
  size,
  threads,
  memory,
  gpus,
  minutes,
  log,
  script,
  extra,
}: ArrayRequest): Promise<string> {
  const args = [
    '--parsable',
    `--job-name=${name}`,
    `--array=0-${size - 1}`,
    `--cpus-per-task=${threads}`,
    `--mem=${memory}M`,
    ...(gpus > 0 ? [`--gres=gpu:${gpus}`] : []),
    `--time=${minutes}`,
    `--output=${log}`,
    '--open-mode=append',
    '--requeue',
    // Before the time limit, to the process itself, so that what is left goes back to the plan.
    '--signal=B:USR1@60',
    '--kill-on-invalid-dep=yes',
    ...extra,
  ];
  const id = (await slurm('sbatch', args, { input: script })).trim().split(';')[0] ?? '';
  if (/^\d+$/.test(id)) return id;
  throw new SlurmError(`Expected sbatch to print a job id, got "${id}".`);
}

/** Cancels jobs; ended ones are ignored. */
export async function cancelJobs(jobs: readonly string[]): Promise<void> {
  if (jobs.length > 0) await slurm('scancel', ['--quiet', ...jobs]);
}

/** Cancels one task of an array. */
export async function cancelTask({ job, index }: QueuedTask): Promise<void> {
  await slurm('scancel', ['--quiet', `${job}_${index}`]);
}

/** After a lost node Slurm holds the requeued task for two minutes; the work is idempotent, so it may start at once. */
export async function startNow({ job, index }: QueuedTask): Promise<void> {
  await slurm('scontrol', ['update', `JobId=${job}_${index}`, 'StartTime=now']);
}
