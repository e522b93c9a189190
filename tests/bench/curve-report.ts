/** From measurements of jobs at growing sizes to a table and to a chart's rows. Pure. */
import type { DeviceReport } from '../../src/engine';
import { type JobMeasurement, least } from './job-report';

/** A job at growing sizes. */
export interface Curve {
  name: string;
  /** What grows: 'images'. */
  of: string;
  points: readonly { factor: number; size: number; runs: readonly JobMeasurement[] }[];
}

/** Seconds and memory as multiples of the smallest size's: what a chart shows. */
export function relative(
  curves: readonly Curve[],
): { job: string; measure: string; 'times the size': number; 'times as much': number }[] {
  return curves.flatMap(({ name, points }) => {
    const first = least(points[0]!.runs);
    return points.flatMap(({ factor, runs }) => {
      const { seconds, peak } = least(runs);
      const row = { job: name, 'times the size': factor };
      return [
        { ...row, measure: 'time', 'times as much': seconds / first.seconds },
        { ...row, measure: 'memory of the process', 'times as much': peak / first.peak },
      ];
    });
  });
}

/** A row per job and size: seconds, seconds per thousand of what grows, and memory; the least of all rounds. */
export function curveTable(curves: readonly Curve[], device: DeviceReport, load: number): string {
  const rows = curves.flatMap(({ name, of, points }) =>
    points.map(({ size, runs }) => {
      const { seconds, cpu, peak } = least(runs);
      const per = (1000 * seconds) / size;
      return `| ${name} | ${size} ${of} | ${seconds.toFixed(2)} | ${per.toFixed(1)} | ${cpu.toFixed(2)} | ${peak.toFixed(0)} |`;
    }),
  );
  return `# Jobs at growing sizes

On ${device.device}, ${device.threads} thread${device.threads === 1 ? '' : 's'}; TensorFlow ${device.tensorflow}, Node ${device.node}; load average before: ${load.toFixed(1)} on ${device.cores} cores.
Each measurement is a process of its own; the first pass isn't timed. The least of all rounds. Memory is the process's largest resident size, libraries included.

![Time and memory beside the smallest size's](bench-curves.png)

| job | size | seconds | seconds per 1,000 | CPU seconds | MiB |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
}
