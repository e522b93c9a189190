import { describe, expect, it } from 'vitest';
import { bindCell, bindTeacher } from '../../../src/experiments/bind-cell';
import { featureMap } from '../../../src/experiments/stages';
import { run, Store } from '../../../src/sweeps';
import { temporaryFolder } from '../../helpers/temporary';
import { tinyScale } from '../tiny-scale';

describe('featureMap', () => {
  it('places real images and those of each set, and measures how far they lie from the middles of their classes', async () => {
    const dataset = (await tinyScale.datasets(['ImageWoof'])).get('ImageWoof')!;
    if ('missing' in dataset) throw new Error(dataset.missing);
    const cell = { dataset: 'ImageWoof', method: 'random', imagesPerClass: 2 } as const;
    const { distilled, context } = await bindCell(cell, tinyScale, dataset, tinyScale.pairs[0]!);
    const bound = featureMap.bind(
      { dataset: context.pool, classes: 3, perClass: 6, perplexity: 5, seed: 0 },
      { inputs: { teacher: bindTeacher({}, tinyScale, dataset), sets: [distilled] } },
    );
    const { output } = await run(bound, { store: new Store(temporaryFolder()) });
    expect(output.classes).toHaveLength(3);
    expect(output.real.labels).toEqual([0, 1, 2].flatMap((label) => Array(6).fill(label)));
    expect(output.sets[0]!.places).toHaveLength(6);
    for (const label of [0, 1, 2]) {
      const far = output.real.fromMiddle.filter((_, i) => output.real.labels[i] === label);
      expect(far.reduce((sum, value) => sum + value, 0) / 6).toBeCloseTo(1, 5);
    }
    expect(output.sets[0]!.fromMiddle.every((far) => far > 0 && far < 3)).toBe(true);
  });
});
