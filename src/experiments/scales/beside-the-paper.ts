/** What a scale's settings are beside the paper's: generated from both, so that none is forgotten. */
import { diffusionDrivenSettings } from '../../methods';
import { paper } from './paper';
import type { Scale } from './scale';

/** One setting that differs. */
export interface SettingBesideThePaper {
  setting: string;
  here: string;
  paper: string;
}

/** Every setting of a scale that differs from scale `paper`. */
export function besideThePaper(scale: Scale): SettingBesideThePaper[] {
  const [here, there] = [settingsOf(scale), settingsOf(paper)];
  return [...new Set([...Object.keys(here), ...Object.keys(there)])]
    .map((setting) => ({ setting, here: here[setting] ?? '–', paper: there[setting] ?? '–' }))
    .filter((row) => row.here !== row.paper);
}

function settingsOf(scale: Scale): Record<string, string> {
  const { prior, realImages, imageSize, networks, networkSize, teachers, recipe, pairs } = scale;
  const selection = diffusionDrivenSettings.parse({ ...scale.selection, imagesPerClass: 10 });
  const { imagesPerClass: _, ...chosen } = selection;
  const flat: Record<string, unknown> = {
    prior: prior.split('/').at(-1),
    'real images per class': realImages,
    'short side of an image, pixels': imageSize,
    ...named('', chosen),
    'side of an image to networks, pixels': networkSize,
    ...named('student, ', networks),
    ...Object.fromEntries(Object.entries(teachers).map(([name, { network }]) => [`teacher, ${name}`, network])),
    ...Object.fromEntries(
      Object.entries(recipe).flatMap(([name, changes]) => Object.entries(named(`${name}, `, changes))),
    ),
    'students per cell': pairs.length,
  };
  return Object.fromEntries(Object.entries(flat).map(([name, value]) => [name, text(value)]));
}

const named = (prefix: string, settings: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${prefix}${name}`, value]));

const text = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, inner]) => (Array.isArray(value) ? String(inner) : `${name} ${inner}`))
        .join(', ')
    : String(value);
