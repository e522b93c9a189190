/** The networks in which real and learned images are compared: ConvNets with random weights. */
import { z } from 'zod';
import { ConvNet } from '../../models';

/** A ConvNet with instance norm, as DC, DSA, DM and IDC use on small images. */
export const matchingNetworkSchema = z.strictObject({
  /** Blocks. Default: 3 up to 32 pixels, 4 up to 64, and one more per doubling. */
  depth: z.int().min(1).optional(),
  /** Channels of each block. */
  width: z.int().min(1).default(128),
});
export type MatchingNetwork = z.output<typeof matchingNetworkSchema>;

/** A fresh network. @param from.path tells the networks of one seed apart */
export function matchingNetwork(
  { depth, width }: MatchingNetwork,
  { classes, size, seed, path }: { classes: number; size: number; seed: number; path: string },
): ConvNet {
  const blocks = depth ?? Math.max(3, Math.ceil(Math.log2(size)) - 2);
  const network = new ConvNet({ classes, size, depth: blocks, width, norm: 'instance' }, { seed, role: path });
  return network.train();
}
