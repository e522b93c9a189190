/** The MLP of a transformer block: two dense layers with GELU between them. */
import type { RandomStream } from '../engine';
import { GeluLinear, type InitialWeights, Linear } from './layers';
import { Identity, Sequential } from './sequential';

/** torchvision's MLP (layers '0' and '3') without dropout: [..., channels] → [..., channels], 4 · channels inside. */
export function transformerMlp(
  { channels, initial }: { channels: number; initial: InitialWeights },
  init: RandomStream | undefined,
): Sequential {
  const wide = 4 * channels;
  return new Sequential([
    new GeluLinear({ in: channels, out: wide, initial }, init),
    new Identity(), // the activation, which the layer before has done
    new Identity(),
    new Linear({ in: wide, out: channels, initial }, init),
  ]);
}
