/** From measurements to the bench's table. Pure. */
import type { DeviceReport } from '../../src/engine';

/** One process's measurement. */
export interface Measurement {
  /** One a step, the first step left out. */
  seconds: number[];
  /** CPU seconds a step, all threads. */
  cpu: number;
  /** Largest resident size, MiB. */
  peak: number;
  parameters: number;
}

interface Side {
  /** Over all rounds. */
  median: number;
  minimum: number;
  /** Least CPU seconds a step over the rounds: the figure that other work on the machine disturbs least. */
  cpu: number;
  /** Least of the rounds' peaks, MiB. */
  peak: number;
}

export interface CaseResult {
  name: string;
  title: string;
  parameters: number;
  ours: Side;
  /** The layout that took less CPU time. */
  torch: Side & { layout: string };
  /** Ours ÷ PyTorch's best. */
  ratios: { median: number; minimum: number; cpu: number; memory: number };
}

const TIME_TARGET = 1.2;
const MEMORY_TARGET = 1.5;

/** Medians and minima of each side over its rounds, and their ratios to the faster of PyTorch's layouts. */
export function summarise(name: string, title: string, runs: Record<string, Measurement[]>): CaseResult {
  const ours = side(runs.ours ?? []);
  const layouts = Object.entries(runs)
    .filter(([key]) => key.startsWith('torch '))
    .map(([key, measured]) => ({ layout: key.slice('torch '.length), ...side(measured) }));
  const torch = layouts.reduce((best, other) => (other.cpu < best.cpu ? other : best));
  return {
    name,
    title,
    parameters: runs.ours?.[0]?.parameters ?? 0,
    ours,
    torch,
    ratios: {
      median: ours.median / torch.median,
      minimum: ours.minimum / torch.minimum,
      cpu: ours.cpu / torch.cpu,
      memory: ours.peak / torch.peak,
    },
  };
}

function side(measured: Measurement[]): Side {
  const seconds = measured.flatMap((one) => one.seconds).sort((a, b) => a - b);
  if (seconds.length === 0) throw new Error('Expected at least one measurement a side, got none.');
  return {
    median: seconds[Math.floor(seconds.length / 2)]!,
    minimum: seconds[0]!,
    cpu: Math.min(...measured.map((one) => one.cpu)),
    peak: Math.min(...measured.map((one) => one.peak)),
  };
}

/**
 * The table in Markdown.
 * @param load the machine's load average before: above the cores, times say little and CPU seconds more
 */
export function table(results: readonly CaseResult[], device: DeviceReport, load: number): string {
  const quiet = load < device.cores / 2;
  const rows = results.map(({ title, ours, torch, ratios }) =>
    [
      title,
      `${ours.median.toFixed(3)} / ${ours.minimum.toFixed(3)}`,
      `${torch.median.toFixed(3)} / ${torch.minimum.toFixed(3)} (${torch.layout})`,
      `${ratios.minimum.toFixed(2)} (${ratios.median.toFixed(2)})`,
      `${ours.cpu.toFixed(3)} / ${torch.cpu.toFixed(3)}`,
      `**${ratios.cpu.toFixed(2)}**`,
      `${ours.peak.toFixed(0)}`,
      `${torch.peak.toFixed(0)}`,
      `**${ratios.memory.toFixed(2)}**`,
      (quiet ? ratios.minimum : ratios.cpu) <= TIME_TARGET && ratios.memory <= MEMORY_TARGET ? 'yes' : 'no',
    ].join(' | '),
  );
  return `# The engine against PyTorch

Float32 on ${device.device}, ${device.threads} thread${device.threads === 1 ? '' : 's'}; TensorFlow ${device.tensorflow}, Node ${device.node}; load average before: ${load.toFixed(1)} on ${device.cores} cores.
Seconds a step, median / minimum over all rounds, and CPU seconds a step. Ratios are ours ÷ PyTorch's faster layout, of the minima (of the medians) and of CPU seconds, which count on a busy machine. Memory is the process's largest resident size.
Targets: time ≤ ${TIME_TARGET} (${quiet ? 'by the minima' : 'by CPU seconds, as the machine was busy'}), memory ≤ ${MEMORY_TARGET}.

| case | ours, s | PyTorch, s | ratio | CPU s, ours / PyTorch | CPU ratio | ours, MiB | PyTorch, MiB | memory ratio | in target |
|---|---|---|---|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}
