/** Turns a cell of a table, at a scale and with one pair of seeds, into stages. */
import type { EvaluationRow } from '../evaluation';
import { type DistilledSet, requireEnoughImages, TooFewImagesError } from '../methods';
import { type BoundStage, SweepError } from '../sweeps';
import { openDataset } from './datasets';
import type { Cell } from './experiment';
import { isMethodName, methodNames } from './method-names';
import type { MethodContext } from './method-settings';
import { bindMethod } from './methods';
import { changedScale, NotAtThisScale, precisionOf, type Scale, type ScaleDataset, type SeedPair } from './scales';
import { bindSharingStudent, bindStudent, bindTeacherCheckpoint, type StoredTeacher, teacher } from './stages';

/** Sides in the paper's pixels, for images with a short side of 256. */
const PAPER_SIZE = 256;
const PAPER_REAL_IMAGES = 300;

/** One pair of seeds in a cell: the stages of its set, its teacher and its student. */
export interface BoundCell {
  cell: Cell;
  seeds: SeedPair;
  /** The context that the method was bound with; settings in the scale's own pixels. */
  context: MethodContext;
  settings: Readonly<Record<string, unknown>>;
  distilled: BoundStage<DistilledSet>;
  student: BoundStage<EvaluationRow>;
}

/**
 * Binds a cell; nothing runs.
 * @throws SweepError for an unknown method; NotAtThisScale if the scale lacks something that the method needs, has no
 *   stand-in for a network, or a class has fewer images than the set needs or the table asks for
 */
export async function bindCell(cell: Cell, scale: Scale, dataset: ScaleDataset, seeds: SeedPair): Promise<BoundCell> {
  try {
    return await bindOn(cell, scale, dataset, seeds);
  } catch (error) {
    if (!(error instanceof TooFewImagesError)) throw error;
    throw new NotAtThisScale(error.message, { cause: error });
  }
}

async function bindOn(cell: Cell, given: Scale, dataset: ScaleDataset, seeds: SeedPair): Promise<BoundCell> {
  const { method, imagesPerClass, protocol = 'rded', recipe = protocol } = cell;
  const changed = changedScale(given, dataset.changes ?? {});
  const methods = { ...dataset.methods?.(imagesPerClass), ...changed.methods };
  const scale: Scale = { ...changed, methods };
  if (!isMethodName(method)) {
    throw new SweepError(`Expected the name of a method (${methodNames.join(', ')}), got '${String(method)}'.`);
  }
  const { size, settings } = inPixels(cell.settings ?? {}, scale);
  const usual = Math.round(((cell.realImages ?? PAPER_REAL_IMAGES) * scale.realImages) / PAPER_REAL_IMAGES);
  const { perClass = usual, size: side = size } = cell.realImages === undefined ? (scale.reads?.[method] ?? {}) : {};
  const pool = await dataset.pool({ perClass, size: side });
  if (cell.realImages !== undefined) {
    const purpose = `the pool of ${perClass} that the table asks for`;
    requireEnoughImages(openDataset(pool), { needed: perClass, purpose, instead: 'ask for fewer real images' });
  }
  const context: MethodContext = {
    scale,
    pool,
    imagesPerClass,
    seed: seeds.set,
    teacher: bindTeacher(cell, scale, dataset),
  };
  const distilled = bindMethod(method, settings, context);
  const network = standInOf(cell.student ?? 'ResNet-18', scale.networks, scale);
  requirePairing(cell, scale);
  const learningRate = scale.learningRates?.[network];
  const precision = precisionOf(scale);
  const ofStudent = {
    size: scale.networkSize,
    ...(precision === 'float32' ? {} : { precision }),
    ...scale.recipe[recipe],
    ...(learningRate === undefined ? {} : { learningRate }),
    test: dataset.test,
    network,
    protocol,
    seed: seeds.student,
    imagesPerClass,
  };
  if (protocol === 'rded' && ofStudent.size !== scale.networkSize) {
    throw new SweepError(
      `Expected students of the teacher's ${scale.networkSize} pixels, which labels what they see, got ${ofStudent.size}. Leave \`size\` out of the scale's recipe for '${recipe}', or set \`networkSize\`.`,
    );
  }
  const from = { distilled, ...(protocol === 'rded' ? { teacher: context.teacher } : {}) };
  const { epochs } = ofStudent;
  const student =
    isOneOfMany(cell) && epochs !== undefined
      ? bindSharingStudent({ ...ofStudent, epochs }, from)
      : bindStudent(ofStudent, from);
  return { cell, seeds, context, settings, distilled, student };
}

/**
 * Whether a table has other students of this teacher: they see the same batches, so its answers are kept for all of them. The
 * usual pair is of every table, and stays one stage for all.
 */
const isOneOfMany = ({ student, teacher = 'ResNet-18' }: Cell): boolean =>
  student !== undefined && (student !== 'ResNet-18' || teacher !== 'ResNet-18');

/** The teacher of a cell, shared with other cells. @throws NotAtThisScale without a stand-in for its network */
export function bindTeacher(
  { teacher: name = 'ResNet-18' }: Pick<Cell, 'teacher'>,
  given: Scale,
  { train, test, changes = {} }: ScaleDataset,
): BoundStage<StoredTeacher> {
  const scale = changedScale(given, changes);
  const chosen = standInOf(name, scale.teachers, scale);
  const where = { test, size: scale.networkSize };
  return 'checkpoint' in chosen
    ? bindTeacherCheckpoint({ ...chosen, ...where })
    : teacher.bind({ ...chosen, ...where, train });
}

/** @throws NotAtThisScale where the scale leaves this teacher with this student out */
function requirePairing(
  { teacher = 'ResNet-18', student = 'ResNet-18' }: Pick<Cell, 'teacher' | 'student'>,
  { name, pairings = 'all' }: Scale,
): void {
  if (pairings === 'all' || pairings[teacher]?.includes(student)) return;
  const run = Object.entries(pairings).map(([one, students]) => `${one} teaches ${students.join(', ')}`);
  throw new NotAtThisScale(
    `Scale '${name}' leaves pairs of a teacher and a student out for their cost: ${run.join('; ')}.`,
  );
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
