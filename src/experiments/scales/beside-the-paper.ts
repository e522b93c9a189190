/** Compares a scale's settings with the paper's; generated from both, so that none is forgotten. */
import { type ProtocolName, protocols } from '../../evaluation';
import { diffusionDrivenSettings, ditSamplingSettings, fineTuningSettings } from '../../methods';
import type { Paper } from '../experiment';
import { paper as generatedPaper } from './generation/paper';
import { paper } from './paper';
import { precisionOf, type Scale, type SettingBesideThePaper } from './scale';

const protocolNames = Object.keys(protocols) as ProtocolName[];

/** What a notebook shows, where that isn't all that a scale has settings for. */
interface Shown {
  methods?: readonly string[];
  protocols?: readonly ProtocolName[];
}

/**
 * Every setting of a scale that differs from scale `paper`, as this paper's tables are run at it; and of scale `paper`
 * itself, where it is our reading of the paper.
 * @param shown methods and protocols whose own settings count. Default: all
 */
export function besideThePaper(
  scale: Scale,
  of: Paper = 'diffusion-driven selection',
  shown: Shown = {},
): SettingBesideThePaper[] {
  const scales = [scale, of === 'self-adaptive memory' ? generatedPaper : paper];
  const readings = scale.readings ?? [];
  const [here, there] = scales.map((one) => settingsOf(one, shown)) as [Record<string, string>, Record<string, string>];
  const differing = [...new Set([...Object.keys(here), ...Object.keys(there)])]
    .map((setting) => ({ setting, here: here[setting] ?? '–', paper: there[setting] ?? '–' }))
    .filter((row) => row.here !== row.paper);
  return [...differing, ...readings];
}

function settingsOf(
  scale: Scale,
  { methods: wanted, protocols: trained = protocolNames }: Shown,
): Record<string, string> {
  const { prior, realImages, imageSize, methods = {}, networks, networkSize, recipe, pairs } = scale;
  const flat: Record<string, unknown> = {
    prior: prior.split('/').at(-1),
    'real images per class': realImages,
    'short side of an image, pixels': imageSize,
    precision: precisionOf(scale),
    ...methodSettings(scale),
    ...Object.fromEntries(
      Object.entries(methods)
        .filter(([name]) => wanted?.includes(name) ?? true)
        .flatMap(([name, changes]) => Object.entries(named(`${name}, `, changes))),
    ),
    'side of distilled images, pixels': networkSize,
    ...named('student, ', networks),
    ...Object.fromEntries(
      trained.flatMap((name) => {
        const { size = networkSize, ...changes } = recipe[name] ?? {};
        return Object.entries(named(`${name}, `, { ...changes, 'side to students, pixels': size }));
      }),
    ),
    'students per cell': pairs.length,
  };
  return Object.fromEntries(Object.entries(flat).map(([name, value]) => [name, text(value)]));
}

/** Of fine-tuning and sampling where images are generated, else of the selection and the networks that label. */
function methodSettings({ generation, selection, teachers }: Scale): Record<string, unknown> {
  if (generation) {
    const { seed: _, ...fineTuning } = fineTuningSettings.parse(generation.fineTuning);
    const { seed: __, ...sampling } = ditSamplingSettings.parse(generation.sampling);
    return { ...named('fine-tuning, ', fineTuning), ...named('sampling, ', sampling) };
  }
  const {
    imagesPerClass: _,
    precision,
    ...chosen
  } = diffusionDrivenSettings.parse({ ...selection, imagesPerClass: 10 });
  return {
    ...(selection.precision && { precision }),
    ...chosen,
    ...Object.fromEntries(Object.entries(teachers).map(([name, { network }]) => [`teacher, ${name}`, network])),
  };
}

const named = (prefix: string, settings: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${prefix}${name}`, value]));

const text = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, inner]) => (Array.isArray(value) ? String(inner) : `${name} ${inner}`))
        .join(', ')
    : String(value);
