/** The methods that tables compare, by name: the settings that a cell may have, and the stage of the distilled set. */
import { z } from 'zod';
import { isAnnotated } from '../datasets';
import { readKnownClasses } from '../diffusion';
import {
  d3hrSettings,
  d4mPrompts,
  d4mSettings,
  type DiffusionDrivenOptions,
  diffusionDrivenSettings,
  type DistilledSet,
  factorOf,
  type FineTuningSettings,
  grandSettings,
  imagesForPatches,
  igdSettings,
  mgd3Settings,
  rdedSettings,
  requireEnoughImages,
} from '../methods';
import type { BoundStage } from '../sweeps';
import { openDataset } from './datasets';
import { bindDistillation } from './diffusion-driven-selection/bind';
import { knowsItsClasses } from './known-classes';
import type { MethodName } from './method-names';
import { generationOf, type MethodContext, selectionSettings } from './method-settings';
import { type MethodSettings, NotAtThisScale, precisionOf } from './scales';
import { priorFingerprint, priorFolder } from './priors';
import { bindGeneration } from './self-adaptive-memory/bind';
import {
  bindD3hr,
  bindIgd,
  bindDatm,
  bindSre2l,
  bindTesla,
  d4mSet,
  dmSet,
  dsaSet,
  gladSet,
  grandSelected,
  herdingSelected,
  idcSet,
  idmSet,
  kCenterSelected,
  mgd3Set,
  oracleControl,
  randomControl,
  rdedSelected,
} from './stages';

/** What the format of a set follows from. */
type FormatContext = Pick<MethodContext, 'scale' | 'imagesPerClass'>;

/** A method of a table. */
interface Method {
  /** Schema of the settings that a cell may have. */
  settings: z.ZodType<Record<string, unknown>>;
  bind(context: MethodContext, settings: Record<string, unknown>): BoundStage<DistilledSet>;
  /** Patches along a side of an image, each from a different real image. Methods without it check the pool themselves. */
  patches?(context: FormatContext, settings: Record<string, unknown>): number;
}

/** Ties the type of the settings in the schema to that in bind. */
function method<Settings extends Record<string, unknown>>(definition: {
  settings: z.ZodType<Settings>;
  bind(context: MethodContext, settings: Settings): BoundStage<DistilledSet>;
  patches?(context: FormatContext, settings: Settings): number;
}): Method {
  return definition as unknown as Method;
}

/** Settings of a set's format. The default is the format of the compared sets, not the method's own. */
const format = z.strictObject({ patchSize: z.int().min(1).optional(), factor: z.int().min(1).optional() });

/** The format of the compared sets: mosaics of four patches up to IPC 10, one patch per image above (paper 001, section 3.2). */
export function formatOf({ scale, imagesPerClass }: FormatContext): {
  patchSize: number | 'image';
  factor: number;
} {
  const { factor } = scale.selection;
  const patchSize = diffusionDrivenSettings.shape.patchSize.parse(scale.selection.patchSize);
  return { patchSize, factor: factorOf({ patchSize, imagesPerClass, factor }) };
}

/** Patches along a side of an image: the cell's factor, else that of the compared sets. */
const patchesIn = (context: FormatContext, { factor }: { factor?: number | undefined }): number =>
  factor ?? formatOf(context).factor;

const RDED_CANDIDATES = 300;

/** RDED's mosaics have four patches at any number of images per class, but for images up to 64 pixels (argument.py). */
const rdedFactor = (context: FormatContext): number => (context.scale.networkSize > 64 ? 2 : formatOf(context).factor);

/** Patches along a side, for sets of whole images. */
const whole = (): number => 1;

/** Settings of a fine-tuning; bindGeneration merges them with the scale's and checks both. */
const fineTuningChanges = z.custom<Partial<FineTuningSettings>>((value) => typeof value === 'object' && value !== null);

/** Settings of a method that learns images; its stage checks them. */
const changesOf = <Name extends keyof MethodSettings>(_: Name) =>
  z.custom<NonNullable<MethodSettings[Name]>>((value) => typeof value === 'object' && value !== null);

/** What every set of whole or learned images is bound with. */
const imagesOf = ({ scale, pool: dataset, imagesPerClass }: MethodContext) => ({
  dataset,
  imagesPerClass,
  size: scale.networkSize,
});

/** Settings of a generative method that a cell can't have, since they follow from the cell itself, the prior and the scale. */
const generated = {
  imagesPerClass: true,
  size: true,
  seed: true,
  prompt: true,
  nullPrompt: true,
  precision: true,
} as const;

/** A schema in which settings may be left out (the method's defaults apply), but unknown ones are errors. */
const open = <Shape extends z.ZodRawShape>(settings: z.ZodObject<Shape>) => z.strictObject(settings.partial().shape);

/**
 * The class-conditional prior, for methods whose papers use a DiT. A small prior that knows its classes stands for both.
 * @throws NotAtThisScale where there is a text-conditional one alone: their settings are for a DiT
 */
function labelPrior({ scale: { generation, prior, name } }: MethodContext): string {
  if (generation) return generation.prior;
  if (knowsItsClasses(prior)) return prior;
  throw new NotAtThisScale(
    `Scale '${name}' has no class-conditional prior on this machine. Set STILLHOUSE_DIT to DiT-XL/2 in the diffusers layout.`,
  );
}

/** What every generated set is bound with. */
const drawnFrom = (name: string, { seed }: MethodContext) => ({
  prior: { name, fingerprint: priorFingerprint(priorFolder(name)) },
  seed,
});

/** What the scale says of a method that samples: the denoiser's precision. */
const sampled = (name: string, context: MethodContext) => ({
  ...drawnFrom(name, context),
  precision: precisionOf(context.scale),
});

const methods = {
  'diffusion-driven selection': method({
    // Checked with the scale's settings that they are laid over, by bindDistillation.
    settings: z.custom<Partial<DiffusionDrivenOptions>>((value) => typeof value === 'object' && value !== null),
    bind: (context, settings) => bindDistillation(selectionSettings(settings, context)).distilled,
  }),
  /** The prior fine-tuned with memories that keep dissimilar samples, then sampled (paper 000). */
  'self-adaptive memory': method({
    settings: fineTuningChanges,
    bind: (context, settings) => bindGeneration(generationOf('self-adaptive memory', settings, context)).distilled,
  }),
  /** The same with queues as memories (Gu et al. 2024). */
  Minimax: method({
    settings: fineTuningChanges,
    bind: (context, settings) => bindGeneration(generationOf('Minimax', settings, context)).distilled,
  }),
  /** The prior sampled without fine-tuning. */
  DiT: method({
    settings: z.strictObject({}),
    bind: (context) => bindGeneration(generationOf('DiT', {}, context)).distilled,
  }),
  /** Sampled from k-means prototypes of the class, by the text-conditional prior as in the paper (Su et al. 2024). */
  D4M: method({
    settings: open(d4mSettings.omit(generated)),
    bind: (context, settings) => {
      const folder = priorFolder(context.scale.prior);
      const prompts = d4mPrompts({ classes: readKnownClasses(folder) });
      return d4mSet.bind({ ...sampled(context.scale.prior, context), ...prompts, ...settings, ...imagesOf(context) });
    },
  }),
  /** Sampling guided to the modes of the class (Chan-Santiago et al. 2025), by paper 001's text-conditional prior. */
  MGD3: method({
    settings: open(mgd3Settings.omit(generated)),
    bind: (context, settings) =>
      mgd3Set.bind({ ...sampled(context.scale.prior, context), ...settings, ...imagesOf(context) }),
  }),
  /**
   * Sampling guided by influence: images that train a surrogate as the real ones do (Chen et al. 2025), by the prior of
   * `labelPrior`.
   */
  IGD: method({
    settings: open(igdSettings.omit(generated)),
    bind: (context, settings) =>
      bindIgd({ ...sampled(labelPrior(context), context), ...settings, ...imagesOf(context) }),
  }),
  /** Representatives of the class's Gaussian in noise space (Zhao et al. 2025), by the same prior. */
  D3HR: method({
    settings: open(d3hrSettings.omit(generated)),
    bind: (context, settings) =>
      bindD3hr({ ...sampled(labelPrior(context), context), ...settings, ...imagesOf(context) }),
  }),
  /** Whole images. */
  random: method({
    settings: z.strictObject({}),
    bind: ({ scale, pool: dataset, imagesPerClass, seed }) =>
      randomControl.bind({ dataset, imagesPerClass, seed, size: scale.networkSize }),
    patches: whole,
  }),
  /** In the format of the compared sets. */
  'random patches': method({
    settings: format,
    bind: (context, settings) =>
      randomControl.bind({
        ...formatOf(context),
        ...settings,
        dataset: context.pool,
        imagesPerClass: context.imagesPerClass,
        seed: context.seed,
        size: context.scale.networkSize,
      }),
    patches: patchesIn,
  }),
  /** The ceiling: crops of the object by its mask, modes in turn. */
  oracle: method({
    settings: format,
    bind: (context, settings) => bindOracle(context, settings),
    patches: patchesIn,
  }),
  /** The floor: crops of the same images beside the object. */
  'object missed': method({
    settings: format,
    bind: (context, settings) => bindOracle(context, { ...settings, missing: true }),
    patches: patchesIn,
  }),
  RDED: method({
    settings: rdedSettings
      .pick({ crops: true, scale: true })
      .partial()
      .extend({ candidates: z.int().min(1).optional() }),
    bind: (context, settings) =>
      rdedSelected.bind(
        {
          // Released scripts crop from 300 images; a set that needs more patches takes as many images.
          candidates: Math.max(RDED_CANDIDATES, context.imagesPerClass * rdedFactor(context) ** 2),
          ...settings,
          factor: rdedFactor(context),
          dataset: context.pool,
          imagesPerClass: context.imagesPerClass,
          seed: context.seed,
          size: context.scale.networkSize,
        },
        { inputs: { observer: context.teacher } },
      ),
    patches: rdedFactor,
  }),
  // Coresets: whole images, as the teacher sees them.
  'k-center': method({
    settings: z.strictObject({}),
    bind: (context) =>
      kCenterSelected.bind({ ...imagesOf(context), seed: context.seed }, { inputs: { observer: context.teacher } }),
    patches: whole,
  }),
  herding: method({
    settings: z.strictObject({}),
    bind: (context) => herdingSelected.bind(imagesOf(context), { inputs: { observer: context.teacher } }),
    patches: whole,
  }),
  GraNd: method({
    settings: grandSettings.pick({ weights: true }).partial(),
    bind: (context, settings) =>
      grandSelected.bind({ ...imagesOf(context), ...settings }, { inputs: { observer: context.teacher } }),
    patches: whole,
  }),
  // Images learned from images, and from the teacher.
  DM: method({
    settings: changesOf('DM'),
    bind: (context, settings) => dmSet.bind(learned(context, settings)),
  }),
  DSA: method({
    settings: changesOf('DSA'),
    bind: (context, settings) => dsaSet.bind(learned(context, settings)),
  }),
  'IDC-1': method({
    settings: changesOf('IDC-1'),
    bind: (context, settings) => idcSet.bind(learned(context, settings)),
  }),
  IDM: method({
    settings: changesOf('IDM'),
    bind: (context, settings) => idmSet.bind(learned(context, settings)),
  }),
  /** In the latent space of the scale's prior. */
  GLaD: method({
    settings: changesOf('GLaD'),
    bind: (context, settings) =>
      gladSet.bind({ ...learned(context, settings), ...drawnFrom(context.scale.prior, context) }),
  }),
  TESLA: method({
    settings: changesOf('TESLA'),
    bind: (context, settings) => bindTesla(seeded(context, settings)),
  }),
  DATM: method({
    settings: changesOf('DATM'),
    bind: (context, settings) => bindDatm(seeded(context, settings)),
  }),
  SRe2L: method({
    settings: changesOf('SRe2L'),
    bind: (context, settings) => bindSre2l(learned(context, settings), context.teacher),
  }),
} satisfies Record<MethodName, Method>;

/** What a set of learned images is bound with. */
const seeded = <Settings extends object>(context: MethodContext, settings: Settings) => ({
  ...settings,
  ...imagesOf(context),
  seed: context.seed,
});

/** The same for methods that have a precision: the scale's, unless a setting names one. */
const learned = <Settings extends object>(context: MethodContext, settings: Settings) => ({
  precision: precisionOf(context.scale),
  ...seeded(context, settings),
});

function bindOracle(
  context: MethodContext,
  settings: { patchSize?: number | undefined; factor?: number | undefined; missing?: boolean },
): BoundStage<DistilledSet> {
  const { scale, pool: dataset, imagesPerClass, seed } = context;
  const compared = formatOf(context);
  const { patchSize = compared.patchSize, factor = compared.factor, missing } = settings;
  if (patchSize === 'image' || !isAnnotated(openDataset(dataset))) {
    throw new NotAtThisScale('The oracle crops objects by their masks: it needs images with masks, and a patch size.');
  }
  return oracleControl.bind({ patchSize, factor, missing, dataset, imagesPerClass, seed, size: scale.networkSize });
}

/** Different real images of a class that a method's set takes; 1 where the method itself says what it lacks. */
export function imagesNeeded(name: MethodName, context: FormatContext): number {
  const factor = (methods[name] as Method).patches?.(context, {});
  return factor === undefined ? 1 : imagesForPatches({ imagesPerClass: context.imagesPerClass, factor }).needed;
}

/**
 * The stage of a method's set, with the cell's settings merged over the scale's.
 * @throws Error naming settings that the method doesn't have; NotAtThisScale if a class has too few images for the set
 */
export function bindMethod(
  name: MethodName,
  settings: Readonly<Record<string, unknown>>,
  context: MethodContext,
): BoundStage<DistilledSet> {
  const chosen: Method = methods[name];
  const ofScale: Partial<Record<MethodName, object>> = context.scale.methods ?? {};
  const checked = chosen.settings.safeParse({ ...ofScale[name], ...settings });
  if (!checked.success) throw new Error(`Expected settings of '${name}': ${z.prettifyError(checked.error)}`);
  const factor = chosen.patches?.(context, checked.data);
  if (factor !== undefined) {
    const { pool, imagesPerClass } = context;
    requireEnoughImages(openDataset(pool), imagesForPatches({ imagesPerClass, factor }));
  }
  return chosen.bind(context, checked.data);
}
