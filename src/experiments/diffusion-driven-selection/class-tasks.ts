/** A task on all classes and one on half of them (Table 4 of paper 001), bound on a few images to be counted, never run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng, type ImageDataset } from '../../datasets';
import { type DistilledSet, imagesByClass } from '../../methods';
import type { BoundStage } from '../../sweeps';
import { bindTeacher } from '../bind-cell';
import { type DatasetDescription, describeFolder, openDataset } from '../datasets';
import { bindMethod, imagesNeeded } from '../methods';
import type { Scale, ScaleDataset } from '../scales';
import type { TaskMethod } from './tasks';

/** Work per image is the same for all images, so a few suffice to show which share is recomputed; more if a set needs them. */
const PER_CLASS = 4;

/** By method: its set of all classes, and its set of the first half of them. */
export async function bindClassTasks(
  scale: Scale,
  dataset: ScaleDataset,
  methods: readonly TaskMethod[],
  imagesPerClass: number,
): Promise<Map<TaskMethod, [BoundStage<DistilledSet>, BoundStage<DistilledSet>]>> {
  const perClass = Math.max(PER_CLASS, ...methods.map((method) => imagesNeeded(method, { scale, imagesPerClass })));
  const pool = openDataset(await dataset.pool({ perClass, size: scale.imageSize }));
  const half = Math.ceil(pool.classes.length / 2);
  const folder = mkdtempSync(join(tmpdir(), 'stillhouse-classes-'));
  try {
    const [all, some] = [pool.classes.length, half].map((count) =>
      describeClasses(pool, count, join(folder, String(count))),
    );
    const teacher = bindTeacher({}, scale, dataset);
    const context = { scale, imagesPerClass, seed: scale.pairs[0]!.set, teacher };
    const [first, second] = [await all!, await some!];
    return new Map(
      methods.map((method) => [
        method,
        [bindMethod(method, {}, { ...context, pool: first }), bindMethod(method, {}, { ...context, pool: second })],
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The first `count` classes as a folder of images: the only kind of dataset from which classes can be chosen. */
async function describeClasses(pool: ImageDataset, count: number, folder: string): Promise<DatasetDescription> {
  for (const [label, images] of imagesByClass(pool).slice(0, count).entries()) {
    const place = join(folder, pool.classes[label]!);
    mkdirSync(place, { recursive: true });
    for (const [k, image] of images.entries())
      writeFileSync(join(place, `${k}.png`), await encodePng(await pool.image(image)));
  }
  return describeFolder({ folder, size: pool.size, indexPath: join(folder, 'index.json') });
}
