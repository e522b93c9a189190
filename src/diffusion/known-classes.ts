/** Which classes a prior knows: one trained on a set of images has an opinion on their classes only. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeJson } from '../models';

/** Beside model_index.json, where diffusers leaves it alone; an open-vocabulary prior has none. */
const FILE = 'classes.json';

const schema = z.object({ classes: z.array(z.string().min(1)).min(1) });

/** Where diffusers' DiT keeps them. */
const labelled = z.object({ id2label: z.record(z.string().regex(/^\d+$/), z.string()) });

/**
 * The classes that a prior in a folder knows, in label order, a DiT's as its model_index.json has them; undefined for one
 * with an open vocabulary, as Stable Diffusion.
 * @throws naming the file, when it is there and holds something else
 */
export function readKnownClasses(folder: string): string[] | undefined {
  const path = join(folder, FILE);
  if (!existsSync(path)) return classesOfDit(join(folder, 'model_index.json'));
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8'))).classes;
  } catch (cause) {
    throw new Error(`Expected ${path} to hold { "classes": [names in label order] }: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function classesOfDit(index: string): string[] | undefined {
  const found = existsSync(index) ? labelled.safeParse(JSON.parse(readFileSync(index, 'utf8'))) : undefined;
  // Names by whole numbers come in their order.
  return found?.success ? Object.values(found.data.id2label) : undefined;
}

/** Writes the file that readKnownClasses reads. */
export function writeKnownClasses(folder: string, classes: readonly string[]): void {
  writeJson(join(folder, FILE), { classes });
}

/** A prior was asked about a class that it was not trained on: its losses and features would mean nothing. */
export class UnknownClassError extends Error {
  override readonly name = 'UnknownClassError';

  constructor(
    /** Those asked about that the prior doesn't know. */
    readonly unknown: readonly string[],
    /** Those that it knows. */
    readonly known: readonly string[],
  ) {
    super(
      `Expected classes that the prior was trained on (${some(known)}), got ${some(unknown)}. Train a prior on these images: npx stillhouse train-prior FOLDER, or trainPriorOn(dataset, { out }) in a notebook. Or take a prior with an open vocabulary, as Stable Diffusion.`,
    );
  }
}

/** @throws {UnknownClassError} unless the prior knows every class, by its exact name, or has an open vocabulary. */
export function requireKnownClasses(known: readonly string[] | undefined, classes: readonly string[]): void {
  if (known === undefined) return;
  const names = new Set(known);
  const unknown = classes.filter((name) => !names.has(name));
  if (unknown.length > 0) throw new UnknownClassError(unknown, known);
}

/** At most a dozen names. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => `'${name}'`);
  return `${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`;
}
