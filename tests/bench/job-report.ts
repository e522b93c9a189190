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
  /** Measurements by side and number format: 'ours float32', 'Python bfloat16'. */
  runs: Record<string, JobMeasurement[]>;
}

/** Least seconds, CPU seconds and memory of both sides over the rounds and their ratio, a row per number format. */
export function jobTable(results: readonly JobResult[], device: DeviceReport, load: number): string {
  const rows = results.flatMap(({ title, runs }) => {
    const formats = [...new Set(Object.keys(runs).map((side) => side.split(' ').at(-1)!))];
    return formats.map((format) => {
      const [ours, python] = ['ours', 'Python'].map((side) => least(runs[`${side} ${format}`] ?? [])) as [
        JobMeasurement,
        JobMeasurement,
      ];
      const pair = (part: keyof JobMeasurement, digits: number) =>
        `${ours[part].toFixed(digits)} / ${python[part].toFixed(digits)} | **${(ours[part] / python[part]).toFixed(2)}**`;
      return `| ${title} | ${format} | ${pair('seconds', 2)} | ${pair('cpu', 2)} | ${pair('peak', 0)} |`;
    });
  });
  return `# Whole jobs beside Python

Both sides in the same numbers, on ${device.device}, ${device.threads} thread${device.threads === 1 ? '' : 's'}; TensorFlow ${device.tensorflow}, Node ${device.node}; load average before: ${load.toFixed(1)} on ${device.cores} cores.
Python's noise losses are diffusers and PyTorch with all of the network in these numbers, its students PyTorch with autocast, its clustering scikit-learn; ours in bfloat16 rounds the factors of convolutions, dense layers and attention. The least of all rounds; where the machine was busy, CPU seconds are the fair comparison. Memory is the process's largest resident size.

| job | numbers | seconds, ours / Python | ratio | CPU seconds, ours / Python | ratio | MiB, ours / Python | ratio |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

/** The least of each over the rounds. @throws without any */
export function least(measured: readonly JobMeasurement[]): JobMeasurement {
  if (measured.length === 0) throw new Error('Expected at least one measurement per side, got none.');
  const of = (part: keyof JobMeasurement) => Math.min(...measured.map((one) => one[part]));
  return { seconds: of('seconds'), cpu: of('cpu'), peak: of('peak') };
}
