import { describe, expect, it } from 'vitest';
import type { DeviceReport } from '../../src/engine';
import { type Measurement, summarise, table } from './report';

const measurement = (seconds: number[], cpu: number, peak: number): Measurement => ({
  seconds,
  cpu,
  peak,
  parameters: 7,
});
const device: DeviceReport = {
  kind: 'CPU',
  device: 'a processor',
  cores: 2,
  threads: 2,
  tensorflow: '2',
  tfjs: '4',
  kernels: 1,
  node: '20',
  platform: 'linux x64',
};

describe("the bench's table", () => {
  const result = summarise('unet', 'A network: step', {
    ours: [measurement([3, 1, 2], 4, 300), measurement([5, 4, 6], 2, 310)],
    'torch nchw': [measurement([9, 8], 9, 100)],
    'torch channels_last': [measurement([2, 2.5], 4, 200)],
  });

  it('takes medians and minima over all rounds and compares with the better layout', () => {
    expect(result.torch.layout).toBe('channels_last');
    expect(result.ours).toEqual({ median: 4, minimum: 1, cpu: 2, peak: 300 });
    expect(result.ratios).toEqual({ median: 4 / 2.5, minimum: 0.5, cpu: 0.5, memory: 1.5 });
  });

  it('says whether targets are met, by CPU seconds where the machine was busy', () => {
    expect(table([result], device, 0.2)).toContain('by the minima');
    const busy = table([{ ...result, ratios: { ...result.ratios, cpu: 1.3 } }], device, 14);
    expect(busy).toContain('load average before: 14.0 on 2 cores');
    expect(busy).toMatch(/A network: step .* \*\*1\.30\*\* .* no \|/);
  });

  it('refuses a side that was not measured', () => {
    expect(() => summarise('unet', 'x', { ours: [], 'torch nchw': [] })).toThrow('at least one measurement');
  });
});
