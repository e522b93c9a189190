/** Runs a graph: each node when its inputs are there, only what the store doesn't hold, damage remade on the way. */
import {
  asError,
  DamagedArtifactError,
  RunCancelledError,
  RunStoppedError,
  StageFailedError,
  StageSkippedError,
  WorkerLostError,
} from '../errors';
import { noteCode } from '../plan/explain';
import type { Progress } from '../stage/context';
import type { Code } from '../stage/source';
import type { AnyStage, BoundStage } from '../stage/stage';
import { noteList } from '../store/lists';
import type { Store } from '../store/store';
import type { Executor } from './executor';
import {
  describe,
  graphOf,
  inputNodes,
  type Known,
  known,
  type Node,
  type Resolved,
  referenceTo,
  resolve,
} from './graph';
import { missingRecord, readValue, type Task } from './task';

/** What happens to a node while a run goes on. */
export type RunEvent = { node: Node; stage: string } & (
  | { type: 'hit'; pieces: number }
  | { type: 'queued'; pieces: number; hits: number }
  | { type: 'start' }
  | { type: 'progress'; progress: Progress }
  | { type: 'piece'; pieces: number; seconds: number }
  | { type: 'done'; seconds: number }
  | { type: 'retry'; error: Error; attempt: number }
  | { type: 'remade'; damage: string }
  | { type: 'failed'; error: StageFailedError }
  | { type: 'skipped'; error: StageSkippedError }
);

export interface SchedulerOptions {
  store: Store;
  executor: Executor;
  signal: AbortSignal;
  /** Failures after which nothing new is started. */
  maxFailures: number;
  /** Times that a task is tried again after its process was lost. */
  retries: number;
  onEvent(event: RunEvent): void;
  log(line: string): void;
}

/** Times that a node's damaged output is remade before it counts as failed. */
const REMAKES = 3;

export class Scheduler {
  readonly nodes: Node[];
  /** Nodes whose keys are known, so far: done, being done, or failed. */
  readonly resolved = new Map<Node, Resolved>();
  /** Nodes whose results are known, so far. */
  readonly finished = new Map<Node, Known>();
  private readonly byId = new Map<string, Node>();
  private readonly codes = new Map<AnyStage, Promise<Code>>();
  private readonly results = new Map<Node, Promise<Known>>();
  private readonly materialised = new Map<Node, Promise<Known>>();
  /** Outputs that were damaged when somebody read them, and are or were made again. */
  private readonly drops = new WeakMap<Known, Promise<void>>();
  private readonly stop = new AbortController();
  private readonly signal: AbortSignal;
  private readonly failed = new Map<Node, StageFailedError>();

  constructor(
    readonly targets: readonly BoundStage[],
    private readonly options: SchedulerOptions,
  ) {
    this.nodes = graphOf(targets);
    for (const node of this.nodes) this.byId.set(node.bound.id, node);
    this.signal = AbortSignal.any([options.signal, this.stop.signal]);
  }

  /** Starts everything that isn't done. Outcomes come by `value`. */
  start(): void {
    // In order, inputs first: each call finds its inputs' promises, so nothing recurses.
    for (const node of this.nodes) void this.known(node).catch(() => undefined);
  }

  /** A target's output, read from the store; damage is dropped and remade first. */
  async value(bound: BoundStage): Promise<unknown> {
    const node = this.byId.get(bound.id)!;
    for (let remakes = 0; ; remakes++) {
      const done = await this.materialise(node);
      try {
        return await readValue(this.options.store, referenceTo(node, done));
      } catch (error) {
        if (!(error instanceof DamagedArtifactError) || remakes >= REMAKES) throw error;
        await this.dropDamaged(node, done, error);
      }
    }
  }

  /** A stage's code, one for the whole run. */
  private async code(stage: AnyStage): Promise<Code> {
    let code = this.codes.get(stage);
    if (!code) {
      // Noted, so that a later plan can say which file has changed.
      code = stage.code().then((made) => noteCode(this.options.store, made).then(() => made));
      this.codes.set(stage, code);
    }
    return code;
  }

  private known(node: Node): Promise<Known> {
    return memo(this.results, node, async () => {
      const outputs = await this.all(node, (input) => this.known(input));
      const resolved = resolve(
        this.options.store,
        node,
        await this.code(node.stage),
        (input) => outputs.get(input)!.output,
      );
      this.resolved.set(node, resolved);
      const done = known(resolved);
      if (!done) return this.execute(node);
      this.finished.set(node, done);
      this.emit({ type: 'hit', pieces: done.records.length, node });
      return done;
    });
  }

  /** The node with its output's bytes in the store: what a task that reads it needs. */
  private materialise(node: Node): Promise<Known> {
    return memo(this.materialised, node, async () => {
      const done = await this.known(node);
      if (done.records.every((record) => this.options.store.available(record))) return done;
      return this.makeAgain(node, 'parts of it are not in the store');
    });
  }

  /**
   * Drops what is damaged of an output that was read, and has it made again: once, whoever else has read it.
   * @param error what its reader met, where it can't be found again by looking
   */
  private dropDamaged(node: Node, read: Known, error?: DamagedArtifactError): Promise<void> {
    let drop = this.drops.get(read);
    if (!drop) {
      drop = this.findDamage(read).then((found = error) => {
        if (found) this.makeAgain(node, found.message);
        else this.drops.delete(read);
      });
      this.drops.set(read, drop);
    }
    return drop;
  }

  private async findDamage(read: Known): Promise<DamagedArtifactError | undefined> {
    const { store } = this.options;
    let found: DamagedArtifactError | undefined;
    for (const record of read.records) {
      const { stage } = record.material;
      // A small output stands in its record alone.
      if (!store.record(stage, record.key)) found ??= missingRecord(store, stage, record.key);
      const [dropped] = await store.dropDamaged(record);
      if (dropped) found ??= new DamagedArtifactError(dropped.hash, dropped.path, dropped.damage);
    }
    return found;
  }

  private makeAgain(node: Node, damage: string): Promise<Known> {
    this.emit({ type: 'remade', damage, node });
    const again = this.execute(node);
    this.results.set(node, again);
    this.materialised.set(node, again);
    again.catch(() => undefined);
    return again;
  }

  private async execute(node: Node): Promise<Known> {
    const { store } = this.options;
    for (let remakes = 0; ; remakes++) {
      const inputs = await this.all(node, (input) => this.materialise(input));
      const code = await this.code(node.stage);
      const resolved = resolve(store, node, code, (input) => inputs.get(input)!.output);
      this.resolved.set(node, resolved);
      const there = resolved.records.map((record) => record !== undefined && store.available(record));
      // A record whose bytes are gone counts as not done; filing it again replaces them.
      const references: Task['inputs'] = Object.fromEntries(
        Object.entries(node.inputs).map(([name, value]) => [
          name,
          Array.isArray(value)
            ? value.map((input) => referenceTo(input, inputs.get(input)!))
            : referenceTo(value, inputs.get(value)!),
        ]),
      );
      const { parameters, unkeyed } = node.bound;
      const { name, module } = node.stage;
      const task: Task = {
        stage: name,
        module,
        key: resolved.key,
        material: resolved.material,
        pieces: undefined,
        parameters,
        unkeyed,
        amount: node.stage.amount(parameters, unkeyed),
        inputs: references,
        resources: node.stage.resources(parameters),
      };
      const tasks: Task[] = [];
      if (!resolved.pieces) {
        if (!there[0]) tasks.push(task);
      } else {
        const keys = new Set<string>();
        const missing = resolved.pieces.filter(({ key }, i) => !there[i] && keys.size !== keys.add(key).size);
        const batch = node.stage.mapped!.batch;
        for (let i = 0; i < missing.length; i += batch) {
          const pieces = missing.slice(i, i + batch);
          tasks.push({ ...task, key: pieces[0]!.key, pieces });
        }
      }
      const pieces = tasks.reduce((sum, { pieces: some }) => sum + (some?.length ?? 1), 0);
      if (tasks.length > 0) await this.noteLists(inputs.values());
      if (remakes === 0) this.emit({ type: 'queued', pieces, hits: resolved.records.length - pieces, node });
      const started = performance.now();
      const attempts = tasks.map(async (each) => {
        try {
          await this.attempt(node, each);
        } catch (error) {
          if (!(error instanceof DamagedArtifactError)) this.count(node, resolved.key, error);
          throw error;
        }
      });
      const outcomes = await Promise.allSettled(attempts);
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed) {
        const damaged = failed.reason instanceof DamagedArtifactError;
        if (!damaged || remakes >= REMAKES) throw this.failure(node, resolved.key, failed.reason);
        for (const [input, done] of inputs) await this.dropDamaged(input, done);
        continue;
      }
      const done = known(resolve(store, node, code, (input) => inputs.get(input)!.output));
      if (done) {
        this.finished.set(node, done);
        this.emit({ type: 'done', seconds: (performance.now() - started) / 1000, node });
        return done;
      }
      if (remakes >= REMAKES) throw this.failure(node, resolved.key, new Error('its record is not in the store'));
    }
  }

  /** For `why`; on a full disk the work itself says so. */
  private async noteLists(inputs: Iterable<Known>): Promise<void> {
    for (const { pieces, records } of inputs) {
      if (!pieces) continue;
      const outputs = records.map(({ output }) => output);
      await noteList(this.options.store, outputs).catch(() => undefined);
    }
  }

  private async attempt(node: Node, task: Task): Promise<void> {
    const { executor, retries, log } = this.options;
    let started = performance.now();
    for (let attempt = 1; ; attempt++) {
      try {
        await executor.execute(task, node.stage, {
          signal: this.signal,
          attempt,
          log,
          onStart: () => {
            started = performance.now();
            this.emit({ type: 'start', node });
          },
          onProgress: (progress) => this.emit({ type: 'progress', progress, node }),
        });
        const seconds = (performance.now() - started) / 1000;
        this.emit({ type: 'piece', pieces: task.pieces?.length ?? 1, seconds, node });
        return;
      } catch (error) {
        if (!(error instanceof WorkerLostError) || attempt > retries || this.signal.aborted) throw error;
        this.emit({ type: 'retry', error, attempt, node });
      }
    }
  }

  /** Waits for all inputs of a node; the first failure makes the node one that's left out. */
  private async all(node: Node, get: (input: Node) => Promise<Known>): Promise<Map<Node, Known>> {
    const inputs = inputNodes(node);
    const outcomes = await Promise.allSettled(inputs.map(get));
    const found = new Map<Node, Known>();
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') {
        found.set(inputs[i]!, outcome.value);
        continue;
      }
      if (!(outcome.reason instanceof StageFailedError || outcome.reason instanceof StageSkippedError))
        throw outcome.reason;
      const error = new StageSkippedError(describe(node), outcome.reason);
      this.emit({ type: 'skipped', error, node });
      throw error;
    }
    return found;
  }

  /** Counts a failure as soon as it's seen, so that too many stop what has not begun. */
  private count(node: Node, key: string, reason: unknown): void {
    if (this.signal.aborted || this.failed.has(node)) return;
    const error = this.wrapped(node, key, reason);
    this.failed.set(node, error);
    this.emit({ type: 'failed', error, node });
    const isOver = this.failed.size > this.options.maxFailures || reason instanceof RunCancelledError;
    if (isOver) this.stop.abort(new RunStoppedError(error));
  }

  private failure(node: Node, key: string, reason: unknown): unknown {
    // An interrupt is no failure of the stage.
    if (this.options.signal.aborted) return this.options.signal.reason;
    this.count(node, key, reason);
    return this.failed.get(node) ?? this.stop.signal.reason ?? this.wrapped(node, key, reason);
  }

  private wrapped(node: Node, key: string, reason: unknown): StageFailedError {
    return new StageFailedError(describe(node), key, (asError(reason) as { log?: string }).log, reason);
  }

  private emit(event: DistributiveOmit<RunEvent, 'stage'>): void {
    this.options.onEvent({ ...event, stage: event.node.stage.name } as RunEvent);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function memo<T>(map: Map<Node, Promise<T>>, node: Node, make: () => Promise<T>): Promise<T> {
  let promise = map.get(node);
  if (!promise) {
    promise = make();
    map.set(node, promise);
  }
  return promise;
}
