import { describe, expect, it } from 'vitest';
import { RandomStream, type Tensor, tf } from '../../../src/engine';
import { addGammas, DiT, foldGammas, isDiffFitTrainable, originalDiT } from '../../../src/models';

const config = {
  num_attention_heads: 2,
  attention_head_dim: 4,
  num_layers: 4,
  sample_size: 4,
  num_embeds_ada_norm: 3,
  tie_embeddings: true,
};

/** Every value random: at the start adaLN-Zero makes all blocks the identity. */
function shaken(dit: DiT): DiT {
  for (const [name, parameter] of dit.parameters()) {
    const noise = new RandomStream(7, name).fillNormal(new Float32Array(parameter.size));
    const centre = name.includes('gamma') ? 1 : 0;
    parameter.assign({ shape: parameter.shape, data: noise.map((value) => centre + 0.3 * value) });
  }
  return dit;
}
const run = (dit: DiT): Float32Array => {
  const x = tf.tensor(new RandomStream(3).fillNormal(new Float32Array(128)), [2, 4, 4, 4]);
  return dit.forward(x, [3, 700], tf.tensor1d([0, 3], 'int32') as Tensor).sample.dataSync<'float32'>();
};

describe('DiffFit', () => {
  it('trains the 1,739,552 values of DiT-XL/2 that the released code trains', () => {
    const dit = new DiT(originalDiT('XL', { patchSize: 2 }));
    const width = 1152;
    const trained = [...dit.parameters()].filter(([name]) => isDiffFitTrainable(name));
    const size = [...new Set(trained.map(([, parameter]) => parameter))].reduce((sum, { size }) => sum + size, 0);
    // 14 blocks with scales on queries, keys, values (3), the output and two gates, which have no values before loading.
    expect(size + 14 * 6 * width).toBe(1_739_552);
  });

  it('adds scales of one, which change nothing, to the first half of the blocks', () => {
    const dit = shaken(new DiT(config, { seed: 1 }));
    const before = run(dit);
    addGammas(dit);
    expect(run(dit)).toEqual(before);
    const names = [...dit.parameters().keys()].filter((name) => name.includes('gamma'));
    expect(names.map((name) => name.split('.')[1])).toEqual(['0', '0', '0', '0', '1', '1', '1', '1']);
    expect(names.every(isDiffFitTrainable)).toBe(true);
  });

  it('folds the scales into the layers without changing the function', () => {
    const dit = new DiT(config, { seed: 1 });
    const plain = [...dit.parameters().keys()];
    addGammas(dit);
    shaken(dit);
    const before = run(dit);
    foldGammas(dit);
    const after = run(dit);
    expect(Math.max(...after.map((value, i) => Math.abs(value - before[i]!)))).toBeLessThan(1e-5);
    expect([...dit.parameters().keys()]).toEqual(plain);
  });
});
