/** The device and the memory in use: for `doctor`, the provenance of results, and finding leaks. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { requestedThreads } from './environment';
import { hasNativeKernels, KERNELS_VERSION } from './native-kernels';
import { backend } from './raw';
import { tf } from './tensorflow';

export interface DeviceReport {
  kind: 'GPU' | 'CPU';
  /** The device's name: 'AMD EPYC', 'NVIDIA H100 80GB HBM3'. */
  device: string;
  /** Cores this process may use. */
  cores: number;
  /** Threads per operation. */
  threads: number;
  /** TensorFlow's version: '2.21.0'. */
  tensorflow: string;
  tfjs: string;
  /** Version of our own kernels; undefined where TensorFlow's operations are used in their place. */
  kernels: number | undefined;
  node: string;
  /** 'linux x64'. */
  platform: string;
}

/** Device, threads and versions of this process. */
export function deviceReport(): DeviceReport {
  const gpu = backend().isUsingGpuDevice;
  const cores = availableParallelism();
  return {
    kind: gpu ? 'GPU' : 'CPU',
    device: (gpu ? gpuName() : undefined) ?? cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    threads: requestedThreads ?? cores,
    tensorflow: backend().binding.TF_Version,
    tfjs: tf.version['tfjs-core'],
    kernels: hasNativeKernels() ? KERNELS_VERSION : undefined,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
}

export interface MemoryReport {
  /** Number of live tensors, kept constants included. */
  tensors: number;
  /** Their size, bytes. */
  tensorBytes: number;
  /** Memory of the process, now and at its peak, bytes; peak is undefined if the system does not report it. */
  resident: number;
  peak: number | undefined;
}

/** Tensors and memory of this process. */
export function memoryReport(): MemoryReport {
  const { numTensors, numBytes } = tf.memory();
  return { tensors: numTensors, tensorBytes: numBytes, resident: process.memoryUsage.rss(), peak: peakMemory() };
}

/** Largest resident size of this process so far, bytes. getrusage counts it in KiB on every platform under Node. */
function peakMemory(): number | undefined {
  const { maxRSS } = process.resourceUsage();
  return maxRSS > 0 ? maxRSS * 1024 : undefined;
}

function gpuName(): string | undefined {
  try {
    const names = execFileSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], { encoding: 'utf8' });
    return names.split('\n')[0]?.trim() || undefined;
  } catch {
    // nvidia-smi is not always installed with the driver.
    return undefined;
  }
}
