/** Which TensorFlow is wanted: with CUDA or without. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { SetupProblem } from './problem.mjs';

/**
 * 'gpu' when STILLHOUSE_DEVICE asks for it or an NVIDIA GPU is found.
 * @param {string | undefined} [asked]
 * @returns {'cpu' | 'gpu'}
 */
export function wantedDevice(asked = process.env.STILLHOUSE_DEVICE) {
  if (asked === 'cpu' || asked === 'gpu') return asked;
  if (asked) throw new SetupProblem(`STILLHOUSE_DEVICE is '${asked}'.`, "Set it to 'cpu' or 'gpu', or leave it out.");
  return hasGpu() ? 'gpu' : 'cpu';
}

/** Device files first: nvidia-smi can take seconds, and this is asked at every start. */
function hasGpu() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  const maybe = existsSync('/dev/nvidiactl') || existsSync('/dev/nvidia0') || existsSync('/dev/dxg');
  if (!maybe) return false;
  return spawnSync('nvidia-smi', ['-L'], { stdio: 'ignore', timeout: 20_000 }).status === 0;
}
