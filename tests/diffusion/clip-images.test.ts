import { describe, expect, it } from 'vitest';
import { normaliseForClip, OPENAI_NORMALISATION, SIGNED_NORMALISATION } from '../../src/diffusion/clip-images';
import { tf } from '../../src/engine';

describe('normaliseForClip', () => {
  it('leaves images of the right size as they are for encoders that take -1 … 1', () => {
    const images = tf.randomUniform([2, 4, 4, 3], -1, 1, 'float32', 1);
    const result = normaliseForClip(images, 4, SIGNED_NORMALISATION).dataSync();
    for (const [i, value] of images.dataSync().entries()) expect(result[i]).toBeCloseTo(value, 6);
  });

  it("normalises as OpenAI's encoders were trained", () => {
    const grey = normaliseForClip(tf.zeros([1, 2, 2, 3]), 2, OPENAI_NORMALISATION).dataSync();
    expect(grey[0]).toBeCloseTo((0.5 - 0.48145466) / 0.26862954, 5);
    expect(grey[2]).toBeCloseTo((0.5 - 0.40821073) / 0.27577711, 5);
  });

  it('crops the central square, pools by whole factors, and interpolates the rest', () => {
    const ramp = tf.tile(tf.reshape(tf.linspace(-1, 1, 16), [1, 1, 16, 1]), [1, 8, 1, 3]); // 8×16
    const result = normaliseForClip(ramp, 4, SIGNED_NORMALISATION);
    expect(result.shape).toEqual([1, 4, 4, 3]);
    const row = Array.from(tf.slice(result, [0, 0, 0, 0], [1, 1, 4, 1]).dataSync());
    const at = (i: number) => -1 + (2 * i) / 15;
    for (const i of [0, 1, 2, 3]) expect(row[i]).toBeCloseTo((at(4 + 2 * i) + at(5 + 2 * i)) / 2, 5);
    expect(normaliseForClip(ramp, 5, SIGNED_NORMALISATION).shape).toEqual([1, 5, 5, 3]);
  });
});
