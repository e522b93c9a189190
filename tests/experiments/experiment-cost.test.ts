import { describe, expect, it } from 'vitest';
import { table5 } from '../../src/experiments/diffusion-driven-selection/table-5';
import { table9 } from '../../src/experiments/diffusion-driven-selection/table-9';
import type { Experiment } from '../../src/experiments/experiment';
import { experimentCost } from '../../src/experiments/experiment-cost';
import { scaleOf } from '../../src/experiments/scales';

const paper = scaleOf('paper');

describe('experimentCost', () => {
  it('reckons each dataset once, however many cells share its losses', () => {
    const lines = experimentCost(table5 as unknown as Experiment, paper, { secondsPerPass: 0.05 });
    expect(lines).toEqual([
      expect.stringMatching(/^ImageWoof, images of 256 pixels: 3,000 images, 600,000 passes through the prior, .* h$/),
      expect.stringMatching(/^ImageNet-1K, images of 256 pixels: 300,000 images, 60,000,000 passes .* h$/),
    ]);
  });

  it('reckons sizes of images apart, and says where hours are not known', () => {
    const lines = experimentCost(table9 as unknown as Experiment, paper);
    expect(lines.map((line) => line.split(':')[0])).toEqual(
      [128, 256, 512].map((size) => `ImageWoof, images of ${size} pixels`),
    );
    expect(lines[0]).toContain('hours not known');
  });

  it('says nothing of a scale whose datasets are not known by their classes', () => {
    expect(experimentCost(table5 as unknown as Experiment, scaleOf('cifar'))).toEqual([]);
  });
});
