import { describe, expect, it } from 'vitest';
import { namedSweeps } from '../../src/experiments/named-sweeps';
import { openExperiment } from '../../src/experiments/open-experiment';
import { table7 } from '../../src/experiments/diffusion-driven-selection/table-7';

describe('namedSweeps', () => {
  it('has every table at every scale, and the ablation', () => {
    const names = Object.keys(namedSweeps);
    expect(names).toEqual(expect.arrayContaining(['selection-ablation', 'table-6', 'table-6-cifar', 'table-6-paper']));
  });

  it('binds what opening the experiment binds', async () => {
    const { sweep } = await openExperiment(table7, { scale: 'mini' });
    const named = await namedSweeps['table-7']!();
    expect(named.points.map(({ target }) => target.id)).toEqual(sweep.points.map(({ target }) => target.id));
  });
});
