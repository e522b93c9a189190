/** Where the weights of a network that is trained from scratch come from. */
import { RandomStream } from '../engine';

export interface InitialWeights {
  /** Fills the weights as the papers' PyTorch networks do; without it they wait to be loaded. */
  seed?: number;
  /** What the network is for: a 'teacher' and a 'student' of the same seed start from different weights. */
  role?: string;
}

/** The stream that a network's weights are drawn from; undefined where they are to be loaded. */
export const initialStream = (network: string, { seed, role = 'network' }: InitialWeights): RandomStream | undefined =>
  seed === undefined ? undefined : new RandomStream(seed, network, role);
