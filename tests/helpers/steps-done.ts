import type { OnProgress } from '../../src/common';

/**
 * Collects the `done` of each report whose label fits. A resumed task and one that began from zero end the same: the first
 * number tells them apart.
 */
export function stepsDone(label = /(?:)/): { steps: number[]; onProgress: OnProgress } {
  const steps: number[] = [];
  return { steps, onProgress: (progress) => label.test(progress.label) && steps.push(progress.done) };
}
