/** How far a sweep is: pieces found, worked out and lost, for each stage and in all, and the time left. */
import type { Plan } from '../plan/plan';
import type { OnProgress } from '../stage/context';
import { duration } from '../../common';
import type { RunEvent } from './scheduler';

/** Pieces of one stage that the plan had to do. */
interface StageTally {
  /** Worked out, found after all, or lost. */
  done: number;
  /** Failed, or left out since an input failed. */
  lost: number;
  total: number;
  /** Seconds per piece. */
  cost: number;
}

/** Counts, and the time left: work still to do by past durations, at the pace of this run so far. */
export class Tally {
  hits = 0;
  misses = 0;
  retried = 0;
  remade = 0;
  private runs = 0;
  private workDone = 0;
  private readonly begun = performance.now();
  private readonly perStage = new Map<string, StageTally>();
  /** Pieces that each node has to do yet. */
  private readonly open = new Map<string, number>();

  constructor(
    planned: Plan,
    private readonly points: number,
    private readonly onProgress: OnProgress | undefined,
  ) {
    for (const { stage, toRun, cost } of planned.stages) {
      if (toRun > 0) this.perStage.set(stage, { done: 0, lost: 0, total: toRun, cost: cost?.median ?? Number.NaN });
    }
    for (const { id, pieces, hits } of planned.nodes) this.open.set(id, pieces - hits);
  }

  event(event: RunEvent): void {
    const stage = this.perStage.get(event.stage);
    const { id } = event.node.bound;
    const open = this.open.get(id) ?? 0;
    let settled = 0;
    if (event.type === 'hit') {
      this.hits += event.pieces;
      // It was to wait for its inputs, and they gave what they gave before.
      settled = open;
    }
    if (event.type === 'queued') {
      this.hits += event.hits;
      settled = Math.max(0, open - event.pieces);
    }
    if (event.type === 'retry') this.retried++;
    if (event.type === 'remade') this.remade++;
    if (event.type === 'failed' || event.type === 'skipped') {
      settled = open;
      if (stage) stage.lost += open;
    }
    if (event.type === 'piece') {
      this.misses += event.pieces;
      settled = Math.min(open, event.pieces);
    }
    if (!stage || settled === 0) return;
    if (event.type === 'piece') {
      // A stage without a past is reckoned by what it shows now.
      if (Number.isNaN(stage.cost)) stage.cost = event.seconds / event.pieces;
      this.workDone += stage.cost * settled;
    }
    this.open.set(id, open - settled);
    stage.done += settled;
    this.report(event.stage, stage);
  }

  run(): void {
    this.runs++;
    this.reportRuns();
  }

  private report(label: string, { done, lost, total }: StageTally): void {
    const detail = lost > 0 ? `${lost} without a result` : undefined;
    this.onProgress?.({ label, done, total, ...(detail ? { detail } : {}) });
    this.reportRuns();
  }

  private reportRuns(): void {
    const detail = this.left();
    this.onProgress?.({ label: 'runs', done: this.runs, total: this.points, ...(detail ? { detail } : {}) });
  }

  private left(): string | undefined {
    if (this.workDone === 0) return undefined;
    const left = [...this.perStage.values()].reduce(
      (sum, { done, total, cost }) => sum + (total - done) * (cost || 0),
      0,
    );
    const pace = (performance.now() - this.begun) / 1000 / this.workDone;
    return left > 0 ? `about ${duration(left * pace)} left` : undefined;
  }
}
