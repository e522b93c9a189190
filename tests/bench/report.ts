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
  /** The layout that was faster, by its minimum. */
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
  const torch = layouts.reduce((best, other) => (other.minimum < best.minimum ? other : best));
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

/** The table in Markdown. */
export function table(results: readonly CaseResult[], device: DeviceReport): string {
  const rows = results.map(({ title, ours, torch, ratios }) =>
    [
      title,
      `${ours.median.toFixed(3)} / ${ours.minimum.toFixed(3)}`,
      `${torch.median.toFixed(3)} / ${torch.minimum.toFixed(3)} (${torch.layout})`,
      `**${ratios.minimum.toFixed(2)}** (${ratios.median.toFixed(2)}, ${ratios.cpu.toFixed(2)})`,
      `${ours.peak.toFixed(0)}`,
      `${torch.peak.toFixed(0)}`,
      `**${ratios.memory.toFixed(2)}**`,
      ratios.minimum <= TIME_TARGET && ratios.memory <= MEMORY_TARGET ? 'yes' : 'no',
    ].join(' | '),
  );
  return `# The engine against PyTorch

Float32 on ${device.device}, ${device.threads} threads; TensorFlow ${device.tensorflow}, Node ${device.node}. Seconds a step, median / minimum over all rounds.
Ratios are ours ÷ PyTorch's best layout: of the minima (of the medians, of CPU seconds). Memory is the process's largest resident size.
Targets: time ≤ ${TIME_TARGET}, memory ≤ ${MEMORY_TARGET}.

| case | ours, s | PyTorch, s | time ratio | ours, MiB | PyTorch, MiB | memory ratio | in target |
|---|---|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}
