/** Initial weights of networks that are trained from scratch. */
import { RandomStream } from '../engine';

export interface InitialWeights {
  /** Initialises the weights as the papers' PyTorch networks do. Without it they have no values until loaded. */
  seed?: number;
  /** The network's role: a 'teacher' and a 'student' with the same seed start from different weights. */
  role?: string;
}

/** The stream from which a network's weights are drawn; undefined if they are to be loaded. */
export const initialStream = (network: string, { seed, role = 'network' }: InitialWeights): RandomStream | undefined =>
  seed === undefined ? undefined : new RandomStream(seed, network, role);
