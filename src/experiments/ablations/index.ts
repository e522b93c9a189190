// Sweeps by the name that the command line calls them by
import type { Sweep } from '../../sweeps';
import { selectionAblation } from './selection';

export const sweeps: Readonly<Record<string, () => Sweep>> = {
  'selection-ablation': () => selectionAblation().sweep as unknown as Sweep,
};

// The ablation of paper 001's selection
export {
  type SelectionAblation,
  type SelectionAblationOptions,
  selectionAblation,
  selectionAblationDefaults,
  type SelectionQuality,
  selectionQuality,
  type SelectionSettings,
} from './selection';
