/** Colours of methods, alike in every chart; methods without one take what is left of the palette. */
import { PALETTE } from '../charts';
import type { MethodName } from './method-names';

const [blue, orange, plum, indigo, green] = PALETTE;

export const methodColours: Readonly<Partial<Record<MethodName, string>>> = {
  'diffusion-driven selection': blue,
  'self-adaptive memory': blue,
  RDED: orange,
  Minimax: plum,
  SRe2L: indigo,
  D4M: green,
};
