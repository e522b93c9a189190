import { describe, expect, it } from 'vitest';
import { table5 } from '../../src/experiments/diffusion-driven-selection/table-5';
import { table9 } from '../../src/experiments/diffusion-driven-selection/table-9';
import type { Experiment } from '../../src/experiments/experiment';
import { experimentCost } from '../../src/experiments/experiment-cost';
import { scaleOf } from '../../src/experiments/scales';
import { memoryFigure4 } from '../../src/experiments/self-adaptive-memory/memory-figure-4';
import { memoryTable1 } from '../../src/experiments/self-adaptive-memory/memory-table-1';

const paper = scaleOf('paper');

describe('experimentCost', () => {
  it('reckons each dataset once, however many cells share its losses', () => {
    const lines = experimentCost(table5, paper, { secondsPerPass: 0.05 });
    expect(lines).toEqual([
      expect.stringMatching(/^ImageWoof, images of 256 pixels: 3,000 images, 600,000 passes through the prior, .* h$/),
      expect.stringMatching(/^ImageNet-1K, images of 256 pixels: 300,000 images, 60,000,000 passes .* h$/),
    ]);
  });

  it('reckons sizes of images apart, and says where hours are not known', () => {
    const lines = experimentCost(table9, paper);
    expect(lines.map((line) => line.split(':')[0])).toEqual(
      [128, 256, 512].map((size) => `ImageWoof, images of ${size} pixels`),
    );
    expect(lines[0]).toContain('hours not known');
  });

  it('says nothing of a scale whose datasets are not known by their classes', () => {
    expect(experimentCost(table5, scaleOf('cifar'))).toEqual([]);
  });

  it('reckons fine-tunings and drawn images of the numbers of images that the scale runs, each once', () => {
    const of = 'self-adaptive memory';
    const lines = (experiment: unknown, scale: 'mini' | 'paper') =>
      experimentCost(experiment as Experiment, scaleOf(scale, of), { secondsPerPass: 0.01 });
    expect(lines(memoryTable1, 'paper')).toEqual([
      expect.stringMatching(/^ImageWoof: 6 fine-tunings of 72,000 steps in all, 9,000 images, .* h$/),
    ]);
    // Three seeds of the set, ten images per class.
    expect(lines(memoryTable1, 'mini')[0]).toMatch(/6 fine-tunings of 6,000 steps in all, 900 images/);
    expect(lines(memoryFigure4, 'mini')[0]).toMatch(/33 fine-tunings of 33,000 steps in all, 3,300 images/);
  });
});
