/** A cell of a table at a scale, with one pair of seeds, as stages. */
import type { EvaluationRow } from '../evaluation';
import { type DistilledSet, factorOf } from '../methods';
import type { BoundStage } from '../sweeps';
import type { Cell } from './experiment';
import { isMethodName } from './method-names';
import { bindMethod, type MethodContext } from './methods';
import { NotAtThisScale, type Scale, type ScaleDataset, type SeedPair } from './scales';
import { bindStudent, bindTeacherCheckpoint, type StoredTeacher, teacher } from './stages';

/** Sides in the paper's pixels, for images with a short side of 256. */
const PAPER_SIZE = 256;
const PAPER_REAL_IMAGES = 300;

/** One pair of seeds in a cell: the stages of its set, its teacher and its student. */
export interface BoundCell {
  cell: Cell;
  seeds: SeedPair;
  /** What the method was bound with; settings in the scale's own pixels. */
  context: MethodContext;
  settings: Readonly<Record<string, unknown>>;
  distilled: BoundStage<DistilledSet>;
  student: BoundStage<EvaluationRow>;
}

/**
 * Binds a cell; nothing runs.
 * @throws NotAtThisScale where the method isn't implemented, or the scale has no stand-in for a network
 */
export async function bindCell(cell: Cell, scale: Scale, dataset: ScaleDataset, seeds: SeedPair): Promise<BoundCell> {
  const { method, imagesPerClass, protocol = 'rded', recipe = protocol } = cell;
  // A network without a stand-in is the nearer reason, as on main, where these methods are implemented.
  standInOf(cell.student ?? 'ResNet-18', scale.networks, scale);
  if (!isMethodName(method)) {
    throw new NotAtThisScale(`${method} is not implemented here: its published figures stand alone.`);
  }
  const { size, settings } = inPixels(cell.settings ?? {}, scale);
  const perClass = Math.round(((cell.realImages ?? PAPER_REAL_IMAGES) * scale.realImages) / PAPER_REAL_IMAGES);
  const context: MethodContext = {
    scale,
    pool: await dataset.pool({ perClass, size }),
    imagesPerClass,
    seed: seeds.set,
    teacher: bindTeacher(cell, scale, dataset),
  };
  requireEnoughImages(method, scale, { perClass, imagesPerClass });
  const distilled = bindMethod(method, settings, context);
  const network = standInOf(cell.student ?? 'ResNet-18', scale.networks, scale);
  const learningRate = scale.learningRates?.[network];
  const student = bindStudent(
    {
      ...scale.recipe[recipe],
      ...(learningRate === undefined ? {} : { learningRate }),
      test: dataset.test,
      network,
      size: scale.networkSize,
      protocol,
      seed: seeds.student,
    },
    { distilled, ...(protocol === 'rded' ? { teacher: context.teacher } : {}) },
  );
  return { cell, seeds, context, settings, distilled, student };
}

/** The teacher of a cell: shared by all cells that have it. @throws NotAtThisScale where nothing stands for its network */
export function bindTeacher(
  { teacher: name = 'ResNet-18' }: Pick<Cell, 'teacher'>,
  scale: Scale,
  { train, test }: ScaleDataset,
): BoundStage<StoredTeacher> {
  const chosen = standInOf(name, scale.teachers, scale);
  const where = { test, size: scale.networkSize };
  return 'checkpoint' in chosen
    ? bindTeacherCheckpoint({ ...chosen, ...where })
    : teacher.bind({ ...chosen, ...where, train });
}

function standInOf<StandIn>(name: string, known: Readonly<Record<string, StandIn>>, { name: scale }: Scale): StandIn {
  const found = known[name];
  if (found) return found;
  throw new NotAtThisScale(`${name} has no stand-in at scale '${scale}'; it has ${Object.keys(known).join(', ')}.`);
}

/** Sides of images and patches in the scale's own pixels. */
export function inPixels(
  { imageSize = PAPER_SIZE, patchSize, ...others }: Readonly<Record<string, unknown>>,
  scale: Scale,
): { size: number; settings: Readonly<Record<string, unknown>> } {
  const own = (pixels: unknown): number => Math.round((Number(pixels) * scale.imageSize) / PAPER_SIZE);
  const patch =
    typeof patchSize === 'number' ? { patchSize: own(patchSize) } : patchSize === undefined ? {} : { patchSize };
  return { size: own(imageSize), settings: { ...others, ...patch } };
}

/** As on main, where each method says how many images it needs. */
function requireEnoughImages(
  method: string,
  { selection: { patchSize = 'image', factor: given } }: Scale,
  { perClass, imagesPerClass }: { perClass: number; imagesPerClass: number },
): void {
  const needed = imagesPerClass * factorOf({ patchSize, imagesPerClass, factor: given }) ** 2;
  if (!['oracle', 'random patches'].includes(method) || perClass >= needed) return;
  throw new NotAtThisScale(
    `Expected at least ${needed} images of each class, one for each patch of the control, got ${perClass}.`,
  );
}
