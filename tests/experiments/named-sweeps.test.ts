import { describe, expect, it } from 'vitest';
import { namedSweeps } from '../../src/experiments/named-sweeps';
import { openExperiment } from '../../src/experiments/open-experiment';
import { table7 } from '../../src/experiments/diffusion-driven-selection/table-7';

describe('namedSweeps', () => {
  it('has every table at every scale, and the ablation', () => {
    const names = Object.keys(namedSweeps);
    expect(names).toEqual(expect.arrayContaining(['selection-ablation', 'table-6', 'table-6-cifar', 'table-6-paper']));
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
