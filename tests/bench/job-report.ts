/** From measurements of jobs to their table. Pure. */
import type { DeviceReport } from '../../src/engine';

/** A job done once in a process of its own. */
export interface JobMeasurement {
  seconds: number;
  /** Of all threads. */
  cpu: number;
  /** Largest resident size of the process, MiB. */
  peak: number;
}

export interface JobResult {
  title: string;
  /** Measurements by side: 'ours', and Python's by its number format. */
  runs: Record<string, JobMeasurement[]>;
}

/** Least seconds, CPU seconds and memory of each side over the rounds, and ours ÷ each of Python's. */
export function jobTable(results: readonly JobResult[], device: DeviceReport, load: number): string {
  const rows = results.flatMap(({ title, runs: { ours = [], ...others } }) => {
    const own = least(ours);
    return Object.entries(others).map(([dtype, measured]) => {
      const python = least(measured);
      const pair = (part: keyof JobMeasurement, digits: number) =>
        `${own[part].toFixed(digits)} / ${python[part].toFixed(digits)} | **${(own[part] / python[part]).toFixed(2)}**`;
      return `| ${title} | ${dtype} | ${pair('seconds', 2)} | ${pair('cpu', 2)} | ${pair('peak', 0)} |`;
    });
  });
  return `# Whole jobs beside Python

Ours is float32, on ${device.device}, ${device.threads} thread${device.threads === 1 ? '' : 's'}; TensorFlow ${device.tensorflow}, Node ${device.node}; load average before: ${load.toFixed(1)} on ${device.cores} cores.
Python's noise losses are diffusers and PyTorch, its clustering scikit-learn. The least of all rounds; where the machine was busy, CPU seconds are the fair comparison. Memory is the process's largest resident size.

| job | Python's numbers | seconds, ours / Python | ratio | CPU seconds, ours / Python | ratio | MiB, ours / Python | ratio |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

function least(measured: readonly JobMeasurement[]): JobMeasurement {
  if (measured.length === 0) throw new Error('Expected at least one measurement per side, got none.');
  const of = (part: keyof JobMeasurement) => Math.min(...measured.map((one) => one[part]));
  return { seconds: of('seconds'), cpu: of('cpu'), peak: of('peak') };
}
