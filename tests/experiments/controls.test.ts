/** Controls that most axes of a table leave as they are. */
import { describe, expect, it } from 'vitest';
import { ANY, controlReferences, mergedControls, withoutControls } from '../../src/experiments/controls';
import type { ExperimentRow } from '../../src/experiments/experiment-row';

const control = { axis: 'method', compared: ['ours'], axes: ['method', 'clusters', 'first'] };
/** Two pairs of seeds in each place. */
const rowsOf = (method: string, accuracy: (place: { clusters: number; first: number }, set: number) => number) =>
  [8, 16].flatMap((clusters) =>
    [5, 10].flatMap((first) =>
      [0, 1].map(
        (set) =>
          ({
            method,
            clusters,
            first,
            set,
            studentSeed: set,
            accuracy: accuracy({ clusters, first }, set),
          }) as unknown as ExperimentRow,
      ),
    ),
  );

const ours = rowsOf('ours', ({ clusters, first }, set) => clusters / 100 + first / 1000 + set / 100);
const random = rowsOf('random', (_, set) => 0.2 + set / 10);
const patches = rowsOf('random patches', ({ clusters }, set) => 0.3 + clusters / 100 + set / 10);
const rows = [...ours, ...random, ...patches];

describe('mergedControls', () => {
  const merged = mergedControls(rows, control, ['method', 'clusters', 'first']);
  const of = (method: string) => merged.filter((row) => row.method === method);

  it('leaves what is compared as it is', () => expect(of('ours')).toEqual(ours));

  it('shows a control once per pair of seeds where nothing makes a difference to it', () => {
    expect(of('random')).toMatchObject([
      { clusters: ANY, first: ANY, set: 0, accuracy: 0.2 },
      { clusters: ANY, first: ANY, set: 1 },
    ]);
  });

  it('keeps the axis on which a control depends', () => {
    expect(of('random patches').map(({ clusters, first }) => [clusters, first])).toEqual([
      [8, ANY],
      [8, ANY],
      [16, ANY],
      [16, ANY],
    ]);
  });

  it('merges over the fields that it is given alone', () => {
    const byRow = mergedControls(random, control, ['method', 'clusters']);
    expect(byRow.map(({ clusters, first }) => [clusters, first])).toEqual([
      [ANY, 5],
      [ANY, 5],
      [ANY, 10],
      [ANY, 10],
    ]);
  });
});

describe('controlReferences', () => {
  it('are the means of the controls, the compared rows left out', () => {
    const found = controlReferences([...ours, ...random], control, { along: ['clusters', 'first'] });
    expect(found).toEqual([{ label: 'random', value: expect.closeTo(0.25, 10) }]);
    expect(withoutControls(rows, control)).toEqual(ours);
  });

  it('leave out a control that another axis of the chart changes', () => {
    const found = controlReferences(rows, control, { along: ['clusters', 'first'] });
    expect(found.map(({ label }) => label)).toEqual(['random']);
  });

  it('belong to the panel of their own value where the chart has several', () => {
    const found = controlReferences(rows, control, { facet: 'clusters', along: ['first'] });
    expect(found).toEqual([
      { label: 'random', panel: 8, value: expect.closeTo(0.25, 10) },
      { label: 'random', panel: 16, value: expect.closeTo(0.25, 10) },
      { label: 'random patches', panel: 8, value: expect.closeTo(0.43, 10) },
      { label: 'random patches', panel: 16, value: expect.closeTo(0.51, 10) },
    ]);
  });
});
