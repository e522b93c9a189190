/** Sweeps by name on the command line: `table-6` (scale mini), `table-6-paper` (another scale), and the ablation. */
import type { NamedSweeps, Sweep } from '../sweeps';
import { sweeps as ablations } from './ablations';
import { catalogue, tablesOf } from './catalogue';
import { openExperiment } from './open-experiment';
import { type ScaleName, scaleNames } from './scales';

const atScale = (scale: ScaleName): NamedSweeps =>
  Object.fromEntries(
    tablesOf(catalogue)
      .filter((experiment) => (experiment.scale ?? scale) === scale)
      .map((experiment) => [
        scale === (experiment.scale ?? 'mini') ? experiment.name : `${experiment.name}-${scale}`,
        async () => (await openExperiment(experiment, { scale })).sweep as unknown as Sweep,
      ]),
  );

export const namedSweeps: NamedSweeps = Object.assign({ ...ablations }, ...scaleNames.map(atScale));

/** The papers' tables and figures at scale mini, of which a plan says what a night's work is. */
export const allAtMini: readonly string[] = Object.keys(atScale('mini'));
