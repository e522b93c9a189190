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

/** A piece that tells itself how far it is: an hour's training is one piece. */
interface Telling {
  node: RunEvent['node'];
  label: string;
  /** When it began to count under this label, milliseconds, and at which share. */
  since: number;
  from: number;
  /** What it told last. */
  share: number;
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
  /** One of the pieces at work, until it ends: the news of several would take turns. */
  private telling: Telling | undefined;
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
    if (event.type === 'progress') {
      if (stage) this.tell(event, stage);
      return;
    }
    if (event.node === this.telling?.node && event.type !== 'start') this.telling = undefined;
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

  private report(label: string, stage: StageTally): void {
    this.reportStage(label, stage);
    this.reportRuns();
  }

  private reportStage(label: string, { done, lost, total }: StageTally, news?: string): void {
    const detail = [news, lost > 0 ? `${lost} without a result` : undefined].filter(Boolean).join(', ');
    this.onProgress?.({ label, done, total, ...(detail ? { detail } : {}) });
  }

  /** How far the piece that tells is, and the time that it has left at its own pace. */
  private tell({ node, progress }: RunEvent & { type: 'progress' }, stage: StageTally): void {
    const { label, done, total } = progress;
    if (!(total > 0) || (this.telling && this.telling.node !== node)) return;
    const [share, now] = [done / total, performance.now()];
    // A piece may count under one label several times: it begins anew where its share falls.
    const { telling } = this;
    const goesOn = telling?.label === label && share >= telling.share;
    this.telling = goesOn ? { ...telling, share } : { node, label, since: now, from: share, share };
    const { since, from } = this.telling;
    const seconds = (((now - since) / 1000) * (1 - share)) / (share - from);
    const left = now - since >= 1000 && share < 1 && Number.isFinite(seconds) ? `, ${duration(seconds)} left` : '';
    this.reportStage(node.stage.name, stage, `${label} ${Math.floor(100 * share)} %${left}`);
  }

  private reportRuns(): void {
    const open = [...this.perStage.values()].filter(({ done, total }) => done < total);
    const secondsLeft = this.secondsLeft(open);
    // What has neither a past nor a piece done yet comes on top.
    const more = open.some(({ cost }) => Number.isNaN(cost)) ? { detail: 'and what never ran before' } : {};
    this.onProgress?.({
      label: 'runs',
      done: this.runs,
      total: this.points,
      ...(secondsLeft === undefined ? {} : { secondsLeft, ...more }),
    });
  }

  /** By past durations, at the pace of this run so far. Undefined before the first piece, and when none is left. */
  private secondsLeft(open: readonly StageTally[]): number | undefined {
    const left = open.reduce((sum, { done, total, cost }) => sum + (total - done) * (cost || 0), 0);
    if (this.workDone === 0 || left === 0) return undefined;
    return (left * (performance.now() - this.begun)) / 1000 / this.workDone;
  }
}
