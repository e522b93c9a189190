import { describe, expect, it } from 'vitest';
import { dense, lossAndGradients, precision, tf, withPrecision } from '../../src/engine';
import { type Denoiser, inPrecision } from '../../src/models';

describe('a denoiser in a precision', () => {
  it('has that precision in its passes alone', () => {
    const seen: string[] = [];
    const denoiser: Denoiser = {
      config: { in_channels: 4, out_channels: 4 },
      forward: (latents) => {
        seen.push(precision());
        return { sample: tf.clone(latents) };
      },
    };
    const rounded = inPrecision(denoiser, 'bfloat16');
    expect(rounded.config).toBe(denoiser.config);
    tf.tidy(() => {
      const latents = tf.ones([1, 2, 2, 4]);
      rounded.forward(latents, 0, latents);
      withPrecision('bfloat16', () => inPrecision(denoiser, 'float32').forward(latents, 0, latents));
    });
    expect(seen).toEqual(['bfloat16', 'float32']);
    expect(precision()).toBe('float32');
  });

  it('keeps it in the gradients, which are taken after the pass', () => {
    // Seven bits of fraction round 1 + 2⁻⁹ to 1.
    const [weight, value] = [tf.tensor2d([[1 + 2 ** -9]]), tf.variable(tf.tensor2d([[1]]))];
    const denoiser: Denoiser = {
      config: { in_channels: 1, out_channels: 1 },
      forward: (latents) => ({ sample: dense(latents, weight) }),
    };
    const slopeIn = (wanted: 'float32' | 'bfloat16'): number => {
      const pass = () => tf.sum(inPrecision(denoiser, wanted).forward(value, 0, value).sample);
      const { loss, gradients } = lossAndGradients({ value }, pass);
      const slope = gradients.value!.dataSync()[0]!;
      tf.dispose([loss, gradients]);
      return slope;
    };
    expect(slopeIn('float32')).toBe(1 + 2 ** -9);
    expect(slopeIn('bfloat16')).toBe(1);
    tf.dispose([weight, value]);
  });
});
