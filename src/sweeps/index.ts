/**
 * Sweeps: experiments as stages that are computed once. This folder knows no paper and no tensor.
 *
 * A **stage** is a pure function with a name, a version, parameters checked by a zod schema, and declared inputs. Its
 * output is kept in the store under the hash of all of these and of its source (comments, formatting and types don't
 * count), so asking again reads it. An output is plain data with typed arrays, files and folders anywhere in it.
 *
 *     // src/experiments/stages/noise-losses.ts
 *     import { z } from 'zod';
 *     import { input, mapStage, run, stage } from '../sweeps';
 *
 *     // A stage over items: each image's losses are kept by themselves, so more images cost only themselves.
 *     export const noiseLosses = mapStage({
 *       name: 'noise-losses',
 *       version: 1,
 *       code: import.meta.url,                                  // this file, and what it imports by relative path
 *       parameters: z.object({ prior: z.string(), timesteps: z.array(z.number()), seed: z.int() }),
 *       item: z.object({ fingerprint: z.string(), index: z.int() }),
 *       identity: ({ fingerprint }) => fingerprint,             // the index may move; the image is the same
 *       unkeyed: z.object({ dataset: z.json() }),               // where the images lie: cannot change the losses
 *       batch: 32,
 *       resources: { threads: 2, memory: 2048 },
 *       async run(context, { prior, timesteps, seed }, images, _inputs) {
 *         const model = await context.keep(`prior ${prior}`, () => loadPrior(prior)); // stays loaded in this process
 *         const maps = await losses(model, images, timesteps, seed, context);         // takes signal and onProgress
 *         return maps.map((map) => ({ shape: [timesteps.length, 8, 8], data: map })); // data: Float32Array
 *       },
 *     });
 *
 *     // A stage with an input: typed by what the bound stage returns.
 *     export const select = stage({
 *       name: 'select', version: 1, code: import.meta.url,
 *       parameters: z.object({ patch: z.int(), perClass: z.int() }),
 *       inputs: { losses: input<readonly { shape: number[]; data: Float32Array }[]>() },
 *       run: (_context, { patch, perClass }, { losses }) => choose(losses, patch, perClass),
 *     });
 *
 *     // Binding runs nothing; `run` runs what the store doesn't hold.
 *     const losses = noiseLosses.bind({ prior, timesteps: [50, 100], seed: 0 }, { items, unkeyed: { dataset } });
 *     const { output, hits, misses, stages } = await run(select.bind({ patch: 4, perClass: 10 }, { inputs: { losses } }));
 *     const both = await run({ a: select.bind(…), b: select.bind(…) });  // both.output.a, both.output.b; losses once
 *
 * Rules for a stage's function: no clock, no `Math.random`, no global state, no reading of files that its parameters or
 * inputs don't determine by content; a mapped stage's outputs don't depend on which items come together. Put what may
 * not change the output (paths, batch sizes) in `unkeyed`. Put a fingerprint of outside data into the parameters. Where
 * a module imports more than a stage needs, narrow its code by `uses: ['../methods/select']`. Files: `return { model: await
 * context.folder(path) }` with a folder from `context.scratch()`; its reader calls `.path()`, `.read(name)` or `.linkTo(path)`.
 *
 * **The same bits again.** On one machine every stage of this project repeats bit for bit with the same number of threads.
 * Noise losses, features and selection also give the same bits with one thread as with two; training doesn't. Two operations
 * split their sums by threads: convolutions in the gradient of their kernels (conv2d, depthwise), and batch norm in training,
 * forwards and backwards (`tests/checks/sweep-determinism.ts` shows stages and operations). So a stage declares its
 * `resources.threads`, and a worker process has exactly those. Two cases give other last bits: a machine with fewer threads
 * than declared, and `run` in a notebook, whose process has as many as STILLHOUSE_THREADS says (default: all). For one answer
 * everywhere declare `threads: 1`, or set that variable.
 */

// Stages.
export {
  type AnyStage,
  BoundStage,
  type InputDeclaration,
  input,
  inputList,
  type MapStage,
  type MapStageDefinition,
  mapStage,
  type Resources,
  type Stage,
  type StageDefinition,
  stage,
} from './stage/stage';
export type { OnProgress, Progress, StageContext } from './stage/context';
export { type Code, codeOf } from './stage/source';

// The store.
export { Store } from './store/store';
export { StoredFile, StoredFolder } from './store/folder';
export type { KeyMaterial, StageRecord } from './store/record';

// Running.
export { type Outputs, type RunOptions, type RunReport, run, type StageReport, type Targets } from './run/run';
export { type Executor, InProcessExecutor } from './run/executor';

export { LocalExecutor, type LocalExecutorOptions } from './executors/local';
export { SlurmExecutor } from './executors/slurm/slurm';
export type { SlurmExecutorOptions } from './executors/slurm/options';

// Sweeps and plans.
export {
  grid,
  type Measure,
  type Point,
  type Settings,
  type Sweep,
  type SweepDefinition,
  sweep,
  zip,
} from './plan/sweep';
export { SweepResults } from './plan/results';
export type { Row, RowStatus } from './plan/row';
export {
  type JointPlan,
  type Plan,
  type PlannedNode,
  type PlannedStage,
  type PlanOptions,
  plan,
  planTogether,
} from './plan/plan';
export {
  piecesOf,
  type RecordedPiece,
  recordedPieces,
  type StageWork,
  type WorkPiece,
  workBeyond,
} from './plan/pieces';
export { resultsOf, type RunSweepOptions, runSweep, type SweepRun } from './run/run-sweep';

// Housekeeping and the command line.
export { type GcOptions, type GcReport, planGc } from './housekeeping/gc';
export { list, pin, type StoreListing, type Why, why } from './housekeeping/inspect';
export { exportRun, importRun } from './housekeeping/bundle';
export { jointPlanText, planText } from './plan/text';
export { terminalOf, type TerminalProgress, terminalProgress } from './terminal';
export * from './commands';
export * from './slurm-commands';
export { loadSweep, type NamedSweeps } from './load-sweep';

// Data and errors.
export { canonical, type Json, sha256 } from './canonical';
export {
  DamagedArtifactError,
  RunCancelledError,
  RunStoppedError,
  StageDefinitionError,
  StageFailedError,
  StageSkippedError,
  StoreFullError,
  SweepError,
  WorkerLostError,
} from './errors';
