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
  { name: 'randomModesCovered', title: 'by as many at random, %', scale: 100, digits: 1 },
] as const;

/** Markdown: what was varied, the times, a row a configuration with mean ± sd (n). */
export function ablationReport(
  { options, sweep, pool }: Pick<SelectionAblation, 'options' | 'sweep' | 'pool'>,
  results: SweepResults,
  { cost, made }: { cost: AblationCost; made: Readonly<Record<string, string>> },
): string {
  const tail = (row: Line) => [String(row.n), String(Number(row.missing) + Number(row.failed))];
  const titles = MEASURES.map(({ title }) => title);
  const rows = (results.summary().objects() as Line[]).map((row) => [
    ...sweep.varied.map((name) => String(row[name])),
    ...MEASURES.map((measure) => cell(row, measure)),
    ...tail(row),
  ]);
  // A setting by itself: over everything else, so ± would be the spread of settings, not of seeds.
  const alone = sweep.varied.flatMap((name) =>
    (results.summary({ by: [name] }).objects() as Line[]).map((row) => [
      name,
      String(row[name]),
      ...MEASURES.map((measure) => cell(row, measure, { spread: false })),
      ...tail(row),
    ]),
  );
  return `# Ablation of diffusion-driven selection on the embedded world

${cost.configurations} configurations (${sweep.varied.join(' × ')}), each with ${cost.seeds} seeds of the clustering: mean ± sd over the seeds. The noise
is the same in all, so ± says nothing of noise, images or priors. ${pool.size} × ${pool.size} pixels, ${pool.labels.length} images of ${pool.classes.length} classes, prior \`${options.prior}\`, ${options.draws} draws per image in
every range, kept in bands of ${options.bandWidth} of the schedule, top ${options.topClusters} clusters. Shares are by the world's own masks and modes; a patch shows its image's mode where it holds half of
the object or more. "By as many at random": as many patches of that size, at random places of random images of the class. A score is a
mean over the range's timesteps, so scores of different ranges can't be compared. What students make of the sets is not measured here.

Made by \`npx stillhouse ablation --fresh\`. ${Object.entries(made)
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ')}.

## What it cost

On ${cost.processors} (load average of these 15 minutes: ${cost.load.toFixed(1)}), from an empty store, extraction and selection:

| | seconds | pieces of work |
| --- | --- | --- |
| one configuration alone | ${cost.one.toFixed(1)} | ${cost.pieces.one} |
| all ${cost.configurations}, one seed: that, and what the others took after it | ${cost.all.toFixed(1)} | ${cost.pieces.all} |
| the other ${cost.seeds - 1} seeds after that | ${cost.otherSeeds.toFixed(1)} | |
| a plan of it all when everything is there | ${cost.warmPlan.toFixed(2)} | |

**${cost.configurations} configurations take ${(cost.all / cost.one).toFixed(2)} × the time of one.** ${scratchText(cost)}

## Each setting by itself

Means over all the others.

${table(['setting', 'value', ...titles, 'n', 'missing or failed'], alone)}

## All configurations

${table([...sweep.varied, ...titles, 'n', 'missing or failed'], rows)}
`;
}

type Line = Record<string, number | string | null>;

function cell(row: Line, { name, scale, digits }: (typeof MEASURES)[number], { spread = true } = {}): string {
  const [mean, sd] = [row[name], row[`${name}_sd`]];
  if (typeof mean !== 'number') return '–';
  return `${(mean * scale).toFixed(digits)}${spread && typeof sd === 'number' ? ` ± ${(sd * scale).toFixed(digits)}` : ''}`;
}

function table(head: readonly string[], rows: readonly string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function scratchText({ scratch, all, configurations }: AblationCost): string {
  if (!scratch) return '';
  const { classes, ofClasses, seconds, alike, patches }: ScratchCost = scratch;
  return `A script that works out each from scratch would take ${(scratch.all / 60).toFixed(0)} min, ${(scratch.all / all).toFixed(1)} × the sweep: extrapolated
from ${classes} of ${ofClasses} classes (${seconds.toFixed(1)} s; linear in classes), for all ${configurations}. It chose ${alike} of ${patches} patches as the sweep did.`;
}
