import { cifar } from './cifar';
import { mini } from './mini';
import { paper } from './paper';
import type { Scale, ScaleName } from './scale';

export { besideThePaper, type SettingBesideThePaper } from './beside-the-paper';
export { cifar, mini, paper };
export {
  changedScale,
  NotAtThisScale,
  type Scale,
  type ScaleChanges,
  type ScaleDataset,
  type ScaleName,
  type SeedPair,
  seedPairs,
  standIn,
} from './scale';

const scales: Record<ScaleName, Scale> = { mini, cifar, paper };

export const scaleNames = Object.keys(scales) as ScaleName[];

/** A scale by its name. @throws naming those there are */
export function scaleOf(name: string): Scale {
  const scale: Scale | undefined = Object.hasOwn(scales, name) ? scales[name as ScaleName] : undefined;
  if (scale) return scale;
  throw new Error(`Expected a scale among ${Object.keys(scales).join(', ')}, got '${name}'.`);
}
