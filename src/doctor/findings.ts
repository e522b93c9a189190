/** What is wrong, from what was seen, each with its remedy. */
import type { DeviceReport } from '../engine';
import type { Speed } from './speed';

export interface Facts {
  device: DeviceReport;
  /** In words, as the set-up noted it. */
  origin: string;
  /** 'cpu' or 'gpu': what the set-up was made for. */
  wanted: 'cpu' | 'gpu';
  speeds: readonly Speed[];
  /** GF/s; undefined where the clock is unknown, or on a GPU. */
  expected: number | undefined;
  /** Cores that the process may use, a container's quota counted. */
  cores: number;
  /** Programs that wait for a core, on average over a minute. */
  load: number;
  /** Bytes. */
  memory: { total: number; available: number };
  /** Free bytes of the disk that holds the project. */
  disk: number;
}

export interface Finding {
  what: string;
  remedy: string;
}

/** Every problem of this machine and set-up; none means all is well. */
export function findings(facts: Facts): Finding[] {
  return [...engineFindings(facts), ...speedFindings(facts), ...roomFindings(facts)];
}

function engineFindings({ device, origin, wanted }: Facts): Finding[] {
  const found: Finding[] = [];
  if (wanted === 'gpu' && device.kind === 'CPU') {
    found.push({
      what: 'There is an NVIDIA GPU (or STILLHOUSE_DEVICE=gpu), but TensorFlow computes on the processor.',
      remedy:
        'See why with: TF_CPP_MIN_LOG_LEVEL=0 npm run doctor; the driver must be 525 or newer (nvidia-smi shows it).',
    });
  }
  if (origin.startsWith('prebuilt')) {
    found.push({
      what: 'The engine is the old prebuilt TensorFlow 2.9, since there was no C++ compiler.',
      remedy: 'Install one (sudo apt-get install g++), then: rm -rf node_modules && npm run setup',
    });
  }
  return found;
}

/** What counts as slow: the products reach 60 to 110 % of the nominal peak on a quiet machine. */
const SLOW = 0.45;

function speedFindings({ speeds, expected, device, cores, load }: Facts): Finding[] {
  const found: Finding[] = [];
  const fraction = expected === undefined ? 1 : Math.min(...speeds.map(({ gigaflops }) => gigaflops)) / expected;
  if (device.kind === 'CPU' && fraction < SLOW) {
    const busy = load > cores * 0.6;
    found.push({
      what: `The engine reaches ${Math.round(fraction * 100)} % of what the processor should give.`,
      remedy: busy
        ? `Other programs use it (load ${load.toFixed(1)} on ${Math.round(cores)} cores): see them with top, and measure again when it is quiet.`
        : 'Unset TF_NUM_INTRAOP_THREADS, OMP_NUM_THREADS and TF_ENABLE_ONEDNN_OPTS if they are set; a virtual machine may also give less than it says.',
    });
  }
  if (device.kind === 'CPU' && device.threads > Math.ceil(cores) * 2) {
    found.push({
      what: `${device.threads} threads share ${cores.toFixed(1)} cores.`,
      remedy: `Set STILLHOUSE_THREADS=${Math.max(1, Math.round(cores))}.`,
    });
  }
  return found;
}

function roomFindings({ memory, disk }: Facts): Finding[] {
  const found: Finding[] = [];
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  if (memory.available < 3e9) {
    found.push({
      what: `${gigabytes(memory.available)} of memory are free; training needs about 3 GB.`,
      remedy: 'Close other programs, or run fewer workers.',
    });
  }
  if (disk < 2e9) {
    found.push({
      what: `${gigabytes(disk)} of disk are free where the project lies.`,
      remedy: 'Free some; .stillhouse holds what was computed, and can be recomputed.',
    });
  }
  return found;
}
