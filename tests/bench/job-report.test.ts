import { describe, expect, it } from 'vitest';
import { jobTable } from './job-report';

const device = {
  kind: 'CPU' as const,
  device: 'a processor',
  cores: 2,
  threads: 2,
  tensorflow: '2',
  tfjs: '4',
  kernels: 1,
  node: '20',
  platform: 'linux x64',
};

describe("the jobs' table", () => {
  it('takes the least of the rounds and compares with each of the number formats', () => {
    const table = jobTable(
      [
        {
          title: 'Noise losses',
          runs: {
            'ours float32': [
              { seconds: 3, cpu: 5, peak: 700 },
              { seconds: 4, cpu: 4, peak: 600 },
            ],
            'Python float32': [{ seconds: 6, cpu: 8, peak: 800 }],
            'ours bfloat16': [{ seconds: 3, cpu: 4, peak: 400 }],
            'Python bfloat16': [{ seconds: 2, cpu: 4, peak: 400 }],
          },
        },
      ],
      device,
      0.5,
    );
    expect(table).toContain(
      '| Noise losses | float32 | 3.00 / 6.00 | **0.50** | 4.00 / 8.00 | **0.50** | 600 / 800 | **0.75** |',
    );
    expect(table).toContain('| Noise losses | bfloat16 | 3.00 / 2.00 | **1.50** |');
  });

  it('refuses a side without measurements', () => {
    expect(() => jobTable([{ title: 'x', runs: { 'ours float32': [], 'Python float32': [] } }], device, 0)).toThrow(
      /at least one/,
    );
  });
});
