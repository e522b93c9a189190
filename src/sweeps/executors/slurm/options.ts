/** What a SlurmExecutor may be told. */
import { z } from 'zod';
import { parsed } from '../../parsed';

export interface SlurmExecutorOptions {
  /** Array members that may run at once, on all nodes. Default: 32. */
  slots?: number;
  /** Shortest length of a pack, in seconds, if there is enough work. Default: 20. */
  shortest?: number;
  /** Longest length of a pack, in seconds; longer ones are split. Default: 1800. */
  longest?: number;
  /** Wait for more tasks before submitting, in milliseconds. Default: 500. */
  gather?: number;
  /** Interval between checks of the store and the queue, in milliseconds. Default: 2000. */
  poll?: number;
  /** How long to wait for a controller that can't be reached or a disk that can't be read, in seconds. Default: 1800. */
  patience?: number;
  /** Most members of one array (the cluster's MaxArraySize). Default: 1000. */
  arraySize?: number;
  /** More arguments for sbatch: `['--partition=gpu']`. */
  sbatch?: readonly string[];
}

const schema = z.strictObject({
  slots: z.int().min(1).default(32),
  shortest: z.number().positive().default(20),
  longest: z.number().positive().default(1800),
  gather: z.number().min(0).default(500),
  poll: z.number().positive().default(2000),
  patience: z.number().min(0).default(1800),
  arraySize: z.int().min(1).default(1000),
  sbatch: z.array(z.string()).readonly().default([]),
});

/** The options, with their defaults. @throws StageDefinitionError naming each that is wrong */
export function checkedOptions(options: SlurmExecutorOptions): Required<SlurmExecutorOptions> {
  return parsed(schema, options, 'options of a SlurmExecutor');
}
