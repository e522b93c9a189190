/** The ablation's table and what it cost, as a page for results/. */
import type { SweepResults } from '../../sweeps';
import type { AblationCost, ScratchCost } from './measure';
import type { SelectionAblation } from './selection';

/** Measures in the table, their columns' names and how they're written. */
const MEASURES = [
  { name: 'score', title: 'mean score of patches, × 1000', scale: 1000, digits: 3 },
  { name: 'objectShare', title: 'object inside a patch, %', scale: 100, digits: 1 },
  { name: 'randomObjectShare', title: 'at a random place, %', scale: 100, digits: 1 },
  { name: 'modesCovered', title: 'modes covered, %', scale: 100, digits: 1 },
] as const;

/** Markdown: what was varied, the times, a row a configuration with mean ± sd (n). */
export function ablationReport(
  { options, sweep, whole }: SelectionAblation,
  results: SweepResults,
  { cost, made }: { cost: AblationCost; made: Readonly<Record<string, string>> },
): string {
  const summary = results.summary().objects() as Record<string, number | string | null>[];
  const cell = (row: Record<string, number | string | null>, { name, scale, digits }: (typeof MEASURES)[number]) => {
    const [mean, sd] = [row[name], row[`${name}_sd`]];
    if (typeof mean !== 'number') return '–';
    const spread = typeof sd === 'number' ? ` ± ${(sd * scale).toFixed(digits)}` : '';
    return `${(mean * scale).toFixed(digits)}${spread}`;
  };
  const rows = summary.map((row) => [
    ...sweep.varied.map((name) => String(row[name])),
    ...MEASURES.map((measure) => cell(row, measure)),
    String(row.n),
    String(Number(row.missing) + Number(row.failed)),
  ]);
  const head = [...sweep.varied, ...MEASURES.map(({ title }) => title), 'n', 'missing or failed'];
  const table = [head, head.map(() => '---'), ...rows].map((line) => `| ${line.join(' | ')} |`).join('\n');
  const { dataset } = whole;
  return `# Ablation of diffusion-driven selection on the embedded world

${cost.configurations} configurations (${sweep.varied.join(' × ')}), each with ${cost.seeds} seeds of the clustering: mean ± sd over the seeds. The noise
is the same in all. ${dataset.size} × ${dataset.size} pixels, ${dataset.labels.length} images of ${dataset.classes.length} classes, prior \`${options.prior}\`, ${options.drawsPerBand} draws in each band of ${options.bandWidth}
of the schedule, top ${options.topClusters} clusters. Shares are by the world's own masks and modes.

Made by \`npx stillhouse ablation --fresh\`. ${Object.entries(made)
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ')}.

## What it cost

On ${cost.processors}, from an empty store, extraction and selection:

| | seconds | pieces of work |
| --- | --- | --- |
| the costliest configuration alone | ${cost.one.toFixed(1)} | ${cost.pieces.one} |
| all ${cost.configurations}, one seed: that, and what the others took after it | ${cost.all.toFixed(1)} | ${cost.pieces.all} |
| the other ${cost.seeds - 1} seeds after that | ${cost.otherSeeds.toFixed(1)} | |
| a plan of it all when everything is there | ${cost.warmPlan.toFixed(2)} | |

**${cost.configurations} configurations take ${(cost.all / cost.one).toFixed(2)} × the time of one.** ${scratchText(cost)}

## Results

${table}
`;
}

function scratchText({ scratch, all, configurations }: AblationCost): string {
  if (!scratch) return '';
  const { classes, ofClasses, measured, alike, patches }: ScratchCost = scratch;
  const each = measured.map(({ draws, seconds }) => `${seconds.toFixed(1)} s with ${draws} draws an image`).join(', ');
  return `A script that works out each from scratch would take ${(scratch.all / 60).toFixed(0)} min, ${(scratch.all / all).toFixed(1)} × the sweep: extrapolated
from ${classes} of ${ofClasses} classes (${each}; linear in classes and draws), for all ${configurations}. It chose ${alike} of ${patches} patches as the sweep did.`;
}
