import type { Paper } from '../experiment';
import { cifar } from './cifar';
import { cifar as generatedCifar } from './generation/cifar';
import { mini as generatedMini } from './generation/mini';
import { paper as generatedPaper } from './generation/paper';
import { mini } from './mini';
import { paper } from './paper';
import type { Scale, ScaleName } from './scale';

export { besideThePaper } from './beside-the-paper';
export { cifar, mini, paper };
export {
  type AsWritten,
  changedScale,
  type Generation,
  type MethodSettings,
  NotAtThisScale,
  nearestImagesPerClass,
  precisionOf,
  type Scale,
  type ScaleChanges,
  type ScaleDataset,
  type ScaleName,
  type SeedPair,
  seedPairs,
  type SettingBesideThePaper,
  standIn,
} from './scale';

const scales: Record<ScaleName, Scale> = { mini, cifar, paper };
/** Of the paper that generates its images: another prior, other images and networks under the same names. */
const generating: Record<ScaleName, Scale> = { mini: generatedMini, cifar: generatedCifar, paper: generatedPaper };

export const scaleNames = Object.keys(scales) as ScaleName[];

/** What a paper's tables are run at under a scale's name. @throws naming those there are */
export function scaleOf(name: string, of: Paper = 'diffusion-driven selection'): Scale {
  const known = of === 'self-adaptive memory' ? generating : scales;
  const scale: Scale | undefined = Object.hasOwn(known, name) ? known[name as ScaleName] : undefined;
  if (scale) return scale;
  throw new Error(`Expected a scale among ${Object.keys(known).join(', ')}, got '${name}'.`);
}
