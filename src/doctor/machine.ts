/** What the processor should give: cores × clock × operations a cycle. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

export interface Machine {
  model: string;
  /** Physical cores that this process may use (a hyper-thread adds no arithmetic), a container's quota counted. */
  cores: number;
  /** Nominal clock, GHz; undefined where the system does not tell. Turbo runs above it. */
  gigahertz: number | undefined;
  /** Widest vector instructions: 'AVX-512', 'AVX2', … */
  vectors: string;
  /** float32 operations a core and cycle, a fused multiply-add counted as two. */
  operationsPerCycle: number;
}

/** What {@link machine} reads; all replaceable by tests. */
export interface MachineSources {
  /** Content of /proc/cpuinfo; '' where there is none. */
  cpuinfo?: string;
  /** Content of the control group's cpu.max: 'max 100000' or '200000 100000'; '' where there is none. */
  cpuMax?: string;
  /** Threads that the process may use. */
  threads?: number;
  architecture?: string;
}

/** The processor of this process. */
export function machine({
  cpuinfo = read('/proc/cpuinfo'),
  cpuMax = read('/sys/fs/cgroup/cpu.max'),
  threads = availableParallelism(),
  architecture = process.arch,
}: MachineSources = {}): Machine {
  const field = (name: string) => new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(cpuinfo)?.[1]?.trim();
  const perCore = Number(field('siblings') ?? 1) / Number(field('cpu cores') ?? 1);
  const [quota = Number.NaN, period = Number.NaN] = cpuMax.split(' ').map(Number);
  const allowed = Number.isFinite(quota / period) ? quota / period : Number.POSITIVE_INFINITY;
  const cores = Math.max(Math.min(threads / Math.max(perCore, 1), allowed), 0.1);
  const megahertz = Number(field('cpu MHz')) || cpus()[0]?.speed;
  const flags = new Set((field('flags') ?? field('Features') ?? '').split(' '));
  return {
    model: field('model name') ?? cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    gigahertz: megahertz ? megahertz / 1000 : undefined,
    ...vectorUnit(flags, field('vendor_id') ?? '', architecture),
  };
}

/** GF/s in float32 at the nominal clock; undefined where that is unknown. */
export function expectedSpeed({ cores, gigahertz, operationsPerCycle }: Machine): number | undefined {
  return gigahertz === undefined ? undefined : cores * gigahertz * operationsPerCycle;
}

function vectorUnit(
  flags: ReadonlySet<string>,
  vendor: string,
  architecture: string,
): Pick<Machine, 'vectors' | 'operationsPerCycle'> {
  if (architecture === 'arm64') return { vectors: flags.has('sve') ? 'SVE' : 'NEON', operationsPerCycle: 16 };
  if (flags.has('avx512f')) {
    // Zen 4 runs AVX-512 on 256-bit units; Zen 5 (which has vp2intersect) and Intel's servers have two of 512 bits.
    const half = vendor === 'AuthenticAMD' && !flags.has('avx512_vp2intersect');
    return { vectors: 'AVX-512', operationsPerCycle: half ? 32 : 64 };
  }
  if (flags.has('avx2') && flags.has('fma')) return { vectors: 'AVX2 and FMA', operationsPerCycle: 32 };
  if (flags.has('avx')) return { vectors: 'AVX', operationsPerCycle: 16 };
  return { vectors: flags.size > 0 ? 'SSE' : 'unknown', operationsPerCycle: 8 };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // not Linux, or not told
  }
}
