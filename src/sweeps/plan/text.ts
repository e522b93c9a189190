/** A plan for a terminal. */
import { bytesText, duration } from '../../common';
import { tableText } from '../words';
import type { JointPlan, Plan, PlannedNode, Range } from './plan';

/** Reasons listed before the rest is only counted. */
const SHOWN = 40;

export function planText(plan: Plan, { explain = false, name = 'this plan' } = {}): string {
  const { runs, runsDone, stages, hits, toRun } = plan;
  const table = tableText(
    stages.map(({ stage, nodes, pieces, hits: found, toRun: missing, cost }) => ({
      stage,
      nodes,
      pieces,
      'in the store': found,
      'to run': missing,
      each: cost ? `${duration(cost.median)}${cost.here ? '' : ' (elsewhere)'}` : '–',
    })),
  );
  const lines = [
    `${name}: ${runs} runs, ${runsDone} done; ${hits + toRun} distinct pieces of work, ${hits} in the store, ${toRun} to run.`,
    '',
    table.trimEnd(),
    '',
  ];
  lines.push(...timeLines(plan));
  if (explain) lines.push('', ...explained(plan.nodes.filter(({ state }) => state !== 'hit')));
  return `${lines.join('\n')}\n`;
}

/** Several plans, a line each, and their sum. */
export function jointPlanText({ sweeps, whole }: JointPlan): string {
  const table = tableText(
    sweeps.map(({ name, plan }) => ({
      sweep: name,
      runs: plan.runs,
      done: plan.runsDone,
      students: plan.stages.find(({ stage }) => stage === 'student')?.toRun ?? 0,
      'pieces to run': plan.toRun,
      time: timeText(plan),
    })),
  );
  return `${[table.trimEnd(), '', 'What several of them need counts for the first.', ...timeLines(whole)].join('\n')}\n`;
}

function timeText({ runs, runsDone, toRun, unknown, wall }: Plan): string {
  if (toRun === 0) return runsDone === runs ? 'done' : 'with those above';
  const known = wall.median > 0 ? duration(wall.median) : '–';
  return unknown.length > 0 ? `${known} and more` : known;
}

/** Time and disk, and the stages whose cost isn't known; nothing where all is done. */
function timeLines({ stages, toRun, unknown, wall, workers, seconds, bytes }: Plan): string[] {
  if (toRun === 0) return [];
  const isKnown = unknown.length < stages.filter(({ toRun: missing }) => missing > 0).length;
  const lines = isKnown
    ? [
        `Time: ${rangeText(wall)} with ${workers} workers (${duration(seconds.median)} of work). Disk: ${bytesText(bytes)}.`,
      ]
    : [];
  const elsewhere = stages.some(({ cost, toRun: missing }) => cost && !cost.here && missing > 0);
  if (elsewhere) lines.push('Partly by what was measured on another machine: this one has not done such work yet.');
  if (unknown.length > 0) lines.push(`Time and disk unknown of what never ran: ${unknown.join(', ')}.`);
  return lines;
}

function explained(nodes: readonly PlannedNode[]): string[] {
  // Nodes of a stage that run for the same reasons are listed once.
  const alike = new Map<string, PlannedNode[]>();
  for (const node of nodes) {
    const why = JSON.stringify([node.stage, node.reasons]);
    alike.set(why, [...(alike.get(why) ?? []), node]);
  }
  const lines = [...alike.values()].slice(0, SHOWN).flatMap((some) => {
    const [{ label, reasons }, ...others] = some as [PlannedNode, ...PlannedNode[]];
    return [
      others.length > 0 ? `${label} and ${others.length} more` : label,
      ...reasons.map((reason) => `  ${reason}`),
    ];
  });
  return alike.size > SHOWN ? [...lines, `… and ${alike.size - SHOWN} more reasons.`] : lines;
}

function rangeText({ low, median, high }: Range): string {
  return `about ${duration(median)} (${duration(low)} to ${duration(high)})`;
}
