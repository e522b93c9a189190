/** The interface of a denoiser for samplers and trainings: a UNet conditioned on text, or a DiT on class labels. */
import { type Precision, type Tensor, withPrecision } from '../engine';
import type { Timesteps } from './time-embedding';

/** A network that predicts the noise in noisy latents. */
export interface Denoiser {
  /** Input and output channels, with diffusers' names. Twice as many out as in: it learns the variance too. */
  readonly config: { readonly in_channels: number; readonly out_channels: number | null };

  /**
   * @param latents noisy latents [N,H,W,C]
   * @param timesteps schedule indices
   * @param condition one per item: text states [N,L,D], or labels int32 [N]
   * @returns predicted noise [N,H,W,C], or noise and variance [N,H,W,2C]
   */
  forward(latents: Tensor, timesteps: Timesteps, condition: Tensor): { sample: Tensor };
}

/** The same denoiser, whose passes have products of this precision, gradients included. */
export const inPrecision = (denoiser: Denoiser, precision: Precision): Denoiser => ({
  config: denoiser.config,
  forward: (...pass) => withPrecision(precision, () => denoiser.forward(...pass)),
});
