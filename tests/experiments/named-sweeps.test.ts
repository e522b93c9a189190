import { describe, expect, it } from 'vitest';
import { sweeps as ablations } from '../../src/experiments/ablations';
import { catalogue, tablesOf } from '../../src/experiments/catalogue';
import { namedSweeps } from '../../src/experiments/named-sweeps';
import { openExperiment } from '../../src/experiments/open-experiment';
import { scaleNames } from '../../src/experiments/scales';
import { table7 } from '../../src/experiments/diffusion-driven-selection/table-7';

describe('namedSweeps', () => {
  it('has every table at every scale, and the ablations, and nothing else', () => {
    const ofEveryScale = tablesOf(catalogue).filter(({ scale }) => scale === undefined);
    const ofOneScale = tablesOf(catalogue).filter(({ scale }) => scale !== undefined);
    expect(scaleNames).toContain('mini');
    const expected = [
      ...Object.keys(ablations),
      ...ofOneScale.map(({ name }) => name),
      ...scaleNames.flatMap((scale) => ofEveryScale.map(({ name }) => (scale === 'mini' ? name : `${name}-${scale}`))),
    ];
    expect(Object.keys(namedSweeps).sort()).toEqual(expected.sort());
    expect(expected).toEqual(
      expect.arrayContaining(['selection-ablation', 'table-6', 'table-6-cifar', 'table-6-paper']),
    );
  });

  it('has what is about one scale at that scale alone, by its name', () => {
    expect(Object.keys(namedSweeps).filter((name) => name.startsWith('yardstick'))).toEqual(['yardstick']);
  });

  it('binds what opening the experiment binds', async () => {
    const { sweep } = await openExperiment(table7, { scale: 'mini' });
    const named = await namedSweeps['table-7']!();
    expect(named.points.map(({ target }) => target.id)).toEqual(sweep.points.map(({ target }) => target.id));
  });
});
