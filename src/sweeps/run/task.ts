/** A task: one call of a stage, as data that any process which sees the store can execute. */
import { mkdir, rm, utimes } from 'node:fs/promises';
import { cpus, hostname } from 'node:os';
import { fromJson, type Json } from '../canonical';
import { DamagedArtifactError, StageDefinitionError } from '../errors';
import type { OnProgress, StageContext } from '../stage/context';
import { keep } from '../stage/keep';
import { pieceMaterial } from '../stage/key';
import type { AnyStage, Resources } from '../stage/stage';
import { decodeOutput, encodeOutput } from '../store/artifact';
import { temporaryName } from '../store/files';
import { putStoredFile, StoredFolder } from '../store/folder';
import type { KeyMaterial, StageRecord } from '../store/record';
import type { Store } from '../store/store';

/** Where an output is: the record of a key, or those of the pieces of a mapped stage. */
export type ValueReference = { stage: string; key: string } | { stage: string; pieces: readonly string[] };

export interface Piece {
  key: string;
  item: Json;
  identity: Json;
}

export interface Task {
  stage: string;
  /** The module that defines the stage; without it the task stays in the process that made it. */
  module: string | undefined;
  key: string;
  material: KeyMaterial;
  /** Of a mapped stage: the items of this call. `key` is then the first one's. */
  pieces: readonly Piece[] | undefined;
  parameters: Json;
  unkeyed: Json;
  /** Of a piece, in the stage's own unit. */
  amount?: number | undefined;
  inputs: Readonly<Record<string, ValueReference | readonly ValueReference[]>>;
  resources: Required<Resources>;
}

export interface TaskHooks {
  signal: AbortSignal;
  onProgress: OnProgress;
  log(line: string): void;
}

/** Milliseconds between two signs of life of a task's scratch folders. */
const TOUCH_EVERY = 60_000;
/** Pieces that are read at once. */
const READS = 32;

/** Reads an output. @throws DamagedArtifactError */
export async function readValue(store: Store, reference: ValueReference): Promise<unknown> {
  if ('pieces' in reference) {
    const { stage, pieces } = reference;
    const values: unknown[] = [];
    // Some at once: on a shared file system each has to wait for its turn.
    for (let i = 0; i < pieces.length; i += READS) {
      const some = pieces.slice(i, i + READS).map((key) => decodeOutput(store, recordOf(store, stage, key)));
      values.push(...(await Promise.all(some)));
    }
    return values;
  }
  return decodeOutput(store, recordOf(store, reference.stage, reference.key));
}

/** Runs a task's stage and files what it returns. The records are in the store when this resolves. */
export async function executeTask(store: Store, stage: AnyStage, task: Task, hooks: TaskHooks): Promise<StageRecord[]> {
  const inputs: Record<string, unknown> = {};
  for (const [name, reference] of Object.entries(task.inputs)) {
    inputs[name] = isList(reference)
      ? await Promise.all(reference.map((entry) => readValue(store, entry)))
      : await readValue(store, reference);
  }
  const scratches: string[] = [];
  const afterFiled: (() => void)[] = [];
  const context: StageContext = {
    signal: hooks.signal,
    threads: task.resources.threads,
    unkeyed: fromJson(task.unkeyed) ?? undefined,
    onProgress: hooks.onProgress,
    log: hooks.log,
    keep,
    file: (path) => putStoredFile(store, path),
    folder: (path) => StoredFolder.put(store, path),
    afterFiled: (action) => void afterFiled.push(action),
    async scratch() {
      const folder = temporaryName(store.root);
      await mkdir(folder, { recursive: true });
      scratches.push(folder);
      return folder;
    },
  };
  const touching = setInterval(() => touch(scratches), TOUCH_EVERY).unref();
  try {
    const started = performance.now();
    const items = task.pieces?.map(({ item }) => fromJson(item) as Json);
    const output = await stage.call(context, fromJson(task.parameters) as Json, items, inputs);
    const seconds = (performance.now() - started) / 1000;
    const records = await fileOutput(store, task, output, seconds);
    for (const action of afterFiled) action();
    return records;
  } finally {
    clearInterval(touching);
    for (const folder of scratches) await rm(folder, { recursive: true, force: true });
  }
}

/** Files the output of a task: one record, or one per piece. */
async function fileOutput(store: Store, task: Task, output: unknown, seconds: number): Promise<StageRecord[]> {
  const { stage, amount, pieces } = task;
  const filed = { store, stage, amount };
  if (!pieces) return [await file(filed, task.key, task.material, output, seconds)];

  if (!Array.isArray(output) || output.length !== pieces.length) {
    const seen = Array.isArray(output) ? `${output.length}` : `a ${typeof output}`;
    throw new StageDefinitionError(
      `Expected stage "${stage}" to return one output for each of its ${pieces.length} items, got ${seen}.`,
    );
  }
  const share = seconds / pieces.length;
  // Together, so that the disk syncs them together.
  return Promise.all(
    pieces.map(({ key, identity }, i) =>
      file(filed, key, pieceMaterial(task.material, identity), (output as unknown[])[i], share),
    ),
  );
}

/** What is written into a folder's files leaves its own time as it is, and `gc` takes old folders. */
function touch(folders: readonly string[]): void {
  const now = new Date();
  for (const folder of folders) utimes(folder, now, now).catch(() => undefined);
}

async function file(
  { store, stage, amount }: { store: Store; stage: string; amount: number | undefined },
  key: string,
  material: KeyMaterial,
  output: unknown,
  seconds: number,
): Promise<StageRecord> {
  const encoded = await encodeOutput(store, output, `the output of stage "${stage}"`);
  const finished = new Date().toISOString();
  const work = { seconds, ...(amount === undefined ? {} : { amount }) };
  return store.file({ format: 1, key, material, ...encoded, ...work, machine: machineName(), finished });
}

/** Host and processor: durations of the same machine count for its estimates. */
export function machineName(): string {
  return `${hostname()} ${cpus()[0]?.model ?? 'unknown'} x${cpus().length}`;
}

function recordOf(store: Store, stage: string, key: string): StageRecord {
  const record = store.record(stage, key);
  if (record) return record;
  throw missingRecord(store, stage, key);
}

/** What a reader says of work that was done, and whose record is gone. */
export function missingRecord(store: Store, stage: string, key: string): DamagedArtifactError {
  return new DamagedArtifactError(key, store.recordPath(stage, key), 'its record is missing');
}

function isList(reference: ValueReference | readonly ValueReference[]): reference is readonly ValueReference[] {
  return Array.isArray(reference);
}
