import { describe, expect, it } from 'vitest';
import { tf } from '../../../src/engine';
import { ClipTextModel, ClipVisionModel } from '../../../src/models';
import { Fixture } from '../fixture';

describe.each(['text-quick-gelu', 'text-gelu-projection'])('ClipTextModel on %s', (name) => {
  const fixture = new Fixture(name);
  const model = new ClipTextModel(fixture.config).load(fixture.weights);
  const ids = fixture.tensor('ids').toInt();

  it('gives the states and embeddings that transformers gives', () => {
    const { lastHiddenState, pooled, textEmbeds } = model.forward(ids);
    expect(fixture.error('lastHiddenState', lastHiddenState)).toBeLessThan(1e-5);
    if (model.text_projection) expect(fixture.error('textEmbeds', textEmbeds)).toBeLessThan(1e-5);
    else expect(fixture.error('pooled', pooled)).toBeLessThan(1e-5);
  });

  it('keeps no tensor but its results', () => {
    const before = tf.memory().numTensors;
    tf.dispose(Object.values(model.forward(ids)));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe.each(['vision-quick-gelu', 'vision-gelu-projection'])('ClipVisionModel on %s', (name) => {
  const fixture = new Fixture(name);
  const model = new ClipVisionModel(fixture.config).load(fixture.weights);

  it('gives the states and embeddings that transformers gives', () => {
    const { lastHiddenState, pooled, imageEmbeds } = model.forward(fixture.tensor('images'));
    expect(fixture.error('lastHiddenState', lastHiddenState)).toBeLessThan(1e-5);
    if (model.visual_projection) expect(fixture.error('imageEmbeds', imageEmbeds)).toBeLessThan(1e-5);
    else expect(fixture.error('pooled', pooled)).toBeLessThan(1e-5);
  });
});

describe('CLIP encoders', () => {
  const tiny = { hidden_size: 8, intermediate_size: 8, num_hidden_layers: 1, num_attention_heads: 2 };

  it('project when the architecture says so, or a config made by hand gives the size of the projection', () => {
    const projects = (config: object) => new ClipTextModel({ ...tiny, ...config }).text_projection !== undefined;
    expect(projects({ projection_dim: 4 })).toBe(true);
    expect(projects({})).toBe(false);
    expect(projects({ projection_dim: 4, architectures: ['CLIPTextModel'] })).toBe(false);
    expect(projects({ architectures: ['CLIPTextModelWithProjection'] })).toBe(true);
  });

  it('give gradients to every weight', () => {
    const text = new ClipTextModel(
      { ...tiny, vocab_size: 9, eos_token_id: 8, max_position_embeddings: 4 },
      { seed: 1 },
    );
    const vision = new ClipVisionModel({ ...tiny, image_size: 8, patch_size: 4 }, { seed: 1 });
    const ids = tf.tensor2d([[7, 1, 8, 8]], undefined, 'int32');
    const images = tf.randomNormal([1, 8, 8, 3], 0, 1, 'float32', 5);
    const loss = () => tf.sum(tf.mul(text.forward(ids).textEmbeds, vision.forward(images).imageEmbeds));
    const variables = [...Object.values(text.variables()), ...Object.values(vision.variables())];
    const { grads } = tf.variableGrads(loss as never, variables as never);
    expect(Object.keys(grads)).toHaveLength(variables.length);
  });

  it('say which shape they expected', () => {
    const text = new ClipTextModel({ ...tiny, vocab_size: 9, max_position_embeddings: 4 }, { seed: 1 });
    const vision = new ClipVisionModel({ ...tiny, image_size: 8, patch_size: 4 }, { seed: 1 });
    expect(() => text.forward(tf.zeros([1, 5], 'int32'))).toThrow('L ≤ 4, got [1,5]');
    expect(() => vision.forward(tf.zeros([1, 9, 9, 3]))).toThrow('[N,8,8,3], got [1,9,9,3]');
    expect(() => new ClipTextModel({ ...tiny, hidden_act: 'relu' as never })).toThrow("'gelu', got 'relu'");
  });
});
