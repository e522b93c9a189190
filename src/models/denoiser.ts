/** What samplers and trainings of diffusion need of a network, be it a UNet under text or a DiT under class labels. */
import type { Tensor } from '../engine';
import type { Timesteps } from './time-embedding';

/** A network that finds the noise in noisy latents. */
export interface Denoiser {
  /** Channels that it takes and gives, with diffusers' names. Twice as many out as in: the variance is learned too. */
  readonly config: { readonly in_channels: number; readonly out_channels: number | null };

  /**
   * @param latents noisy latents [N,H,W,C]
   * @param timesteps schedule indices
   * @param condition what is wanted of each item, on the first axis: text states [N,L,D], or labels int32 [N]
   * @returns predicted noise [N,H,W,C], or noise and variance [N,H,W,2C]
   */
  forward(latents: Tensor, timesteps: Timesteps, condition: Tensor): { sample: Tensor };
}
