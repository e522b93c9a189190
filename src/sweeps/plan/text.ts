/** A plan for a terminal. */
import { bytesText, duration } from '../../common';
import { tableText } from '../words';
import type { Plan, PlannedNode, Range } from './plan';

/** Reasons listed before the rest is only counted. */
const SHOWN = 40;

export function planText(plan: Plan, { explain = false, name = 'this plan' } = {}): string {
  const { runs, runsDone, stages, hits, toRun, unknown } = plan;
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
  if (toRun > 0) {
    if (unknown.length < stages.filter(({ toRun: missing }) => missing > 0).length) {
      lines.push(
        `Time: ${rangeText(plan.wall)} with ${plan.workers} workers (${duration(plan.seconds.median)} of work). Disk: ${bytesText(plan.bytes)}.`,
      );
    }
    if (unknown.length > 0) lines.push(`Time and disk unknown of what never ran: ${unknown.join(', ')}.`);
  }
  if (explain) lines.push('', ...explained(plan.nodes.filter(({ state }) => state !== 'hit')));
  return `${lines.join('\n')}\n`;
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
