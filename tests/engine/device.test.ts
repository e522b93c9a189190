import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { deviceReport, memoryReport, tf } from '../../src/engine';

describe('deviceReport', () => {
  it('names device, threads and versions', () => {
    const report = deviceReport();
    expect(['CPU', 'GPU']).toContain(report.kind);
    expect(report.device).not.toBe('');
    expect(report.cores).toBe(availableParallelism());
    expect(report.tensorflow).toMatch(/^\d+\.\d+/);
    expect(report.node).toBe(process.versions.node);
  });
});

describe('memoryReport', () => {
  it('counts tensors and bytes', () => {
    const before = memoryReport();
    const x = tf.zeros([1000]);
    const after = memoryReport();
    expect(after.tensors - before.tensors).toBe(1);
    expect(after.tensorBytes - before.tensorBytes).toBe(4000);
    expect(after.peak).toBeGreaterThanOrEqual(after.resident * 0.5);
    x.dispose();
  });
});

describe('STILLHOUSE_THREADS', () => {
  const threads = (value: string): string =>
    execFileSync(
      process.execPath,
      [
        '--import',
        'tsx',
        '-e',
        "import('./src/engine/environment.ts').then((e) => console.log(e.requestedThreads, process.env.TF_NUM_INTRAOP_THREADS))",
      ],
      { encoding: 'utf8', env: { ...process.env, STILLHOUSE_THREADS: value }, stdio: ['ignore', 'pipe', 'pipe'] },
    ).trim();

  it('sets the threads of an operation before TensorFlow is loaded', () => expect(threads('3')).toBe('3 3'));
  it("is refused when it isn't a whole number", () => expect(() => threads('many')).toThrow("got 'many'"));
});
