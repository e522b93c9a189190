/** CIFAR-10 for paper 000: not there, and why. */
import { cifar as photos } from '../cifar';
import type { Scale } from '../scale';

const missing =
  "No class-conditional prior of CIFAR-10 ships: the DiT of scale 'mini' has learnt the embedded world alone, DiT-XL/2 has learnt ImageNet at 256 pixels. Run scale 'mini' or 'paper'.";

export const cifar: Scale = {
  ...photos,
  says: 'CIFAR-10, without a prior that generates it',
  datasets: async (names) => new Map(names.map((name) => [name, { missing }])),
};
