import { describe, expect, it } from 'vitest';
import { type Curve, curveTable, relative } from './curve-report';

const curve: Curve = {
  name: 'a job by images',
  of: 'images',
  points: [
    {
      factor: 1,
      size: 500,
      runs: [
        { seconds: 2, cpu: 3, peak: 300 },
        { seconds: 3, cpu: 2, peak: 320 },
      ],
    },
    { factor: 2, size: 1000, runs: [{ seconds: 5, cpu: 6, peak: 330 }] },
  ],
};
const device = {
  kind: 'CPU' as const,
  device: 'a processor',
  cores: 2,
  threads: 1,
  tensorflow: '2',
  tfjs: '4',
  kernels: 1,
  node: '20',
  platform: 'linux x64',
};

describe('curves', () => {
  it('have a row per size, with the time per thousand', () => {
    const table = curveTable([curve], device, 0.1);
    expect(table).toContain('| a job by images | 500 images | 2.00 | 4.0 | 2.00 | 300 |');
    expect(table).toContain('| a job by images | 1000 images | 5.00 | 5.0 | 6.00 | 330 |');
    expect(table).toContain('1 thread;');
  });

  it('are drawn as multiples of the smallest', () => {
    expect(relative([curve]).map((row) => [row.measure, row['times the size'], row['times as much']])).toEqual([
      ['time', 1, 1],
      ['memory of the process', 1, 1],
      ['time', 2, 2.5],
      ['memory of the process', 2, 1.1],
    ]);
  });
});
