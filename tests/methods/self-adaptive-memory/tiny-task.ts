/** A fine-tuning of a few hundred values that PyTorch follows step by step: tests/fixtures/methods/self-adaptive-memory. */
import { type ImageLatents, LEARNED_VARIANCE_SCHEDULE, NoiseSchedule } from '../../../src/diffusion';
import { RandomStream } from '../../../src/engine';
import type { FineTuningSettings } from '../../../src/methods';
import { DiT } from '../../../src/models';

export const schedule = new NoiseSchedule(LEARNED_VARIANCE_SCHEDULE);

export const config = {
  num_attention_heads: 2,
  attention_head_dim: 4,
  num_layers: 2,
  sample_size: 4,
  num_embeds_ada_norm: 6,
  out_channels: 8,
};

/** Weights that are all away from zero: at adaLN-Zero's start, most gradients are zero. */
export function tinyDit(): DiT {
  const dit = new DiT({ ...config, tie_embeddings: true });
  for (const [name, parameter] of dit.parameters()) {
    const tied = name.replace(/\.\d+(\.norm1\.emb)/, '.0$1');
    const noise = new RandomStream(11, tied).fillNormal(new Float32Array(parameter.size));
    parameter.assign({ shape: parameter.shape, data: noise.map((value) => 0.3 * value) });
  }
  return dit;
}

/** Posteriors of `count` images of three labels, which the prior calls 4, 0 and 2. */
export function tinyLatents(count = 11): ImageLatents {
  const normal = (name: string): Float32Array => new RandomStream(12, name).fillNormal(new Float32Array(count * 64));
  const posterior = (name: string) => ({
    mean: normal(`${name} mean`),
    deviation: normal(`${name} deviation`).map((value) => 0.1 * Math.abs(value)),
  });
  return {
    ...posterior('plain'),
    mirrored: posterior('mirrored'),
    shape: [count, 4, 4, 4],
    labels: Int32Array.from({ length: count }, (_, i) => i % 3),
    ids: Array.from({ length: count }, (_, i) => `image ${i}`),
  };
}
export const classes = [4, 0, 2];

/** Memories of three and two, so that both forget within these steps. */
export const settings: Partial<FineTuningSettings> = {
  steps: 8,
  batch: 5,
  realCapacity: 3,
  generatedCapacity: 2,
  // Large, for these terms to matter in so few steps.
  lambdaReal: 0.5,
  lambdaGenerated: 0.8,
  classDropout: 0.3,
  emaDecay: 0.9,
  seed: 3,
};
