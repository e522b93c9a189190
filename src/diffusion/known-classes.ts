/** Which classes a prior knows: one trained on a dataset knows only the classes of that dataset. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeJson } from '../models';

/** The list of classes, beside model_index.json; diffusers ignores it. An open-vocabulary prior has none. */
const FILE = 'classes.json';

const schema = z.object({ classes: z.array(z.string().min(1)).min(1) });

/** The classes in model_index.json, where diffusers' DiT keeps them. */
const labelled = z.object({ id2label: z.record(z.string().regex(/^\d+$/), z.string()) });

/**
 * The classes that a folder's prior knows, in label order, from classes.json or a DiT's model_index.json; undefined for
 * an open vocabulary, such as Stable Diffusion's.
 * @throws naming the file, if classes.json holds something else
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
  // JavaScript lists integer keys in ascending order.
  return found?.success ? Object.values(found.data.id2label) : undefined;
}

/** Writes the file that readKnownClasses reads. */
export function writeKnownClasses(folder: string, classes: readonly string[]): void {
  writeJson(join(folder, FILE), { classes });
}

/** A prior was asked about a class that it was not trained on: its losses and features would be meaningless. */
export class UnknownClassError extends Error {
  override readonly name = 'UnknownClassError';

  constructor(
    /** Requested classes that the prior doesn't know. */
    readonly unknown: readonly string[],
    /** The classes that it knows. */
    readonly known: readonly string[],
  ) {
    super(
      `Expected classes that the prior was trained on (${some(known)}), got ${some(unknown)}. Train a prior on these images: npx stillhouse train-prior FOLDER, or trainPriorOn(dataset, { out }) in a notebook. Or take a prior with an open vocabulary, as Stable Diffusion.`,
    );
  }
}

/** @throws {UnknownClassError} if the vocabulary is closed (`known` is given) and lacks the exact name of a class */
export function requireKnownClasses(known: readonly string[] | undefined, classes: readonly string[]): void {
  if (known === undefined) return;
  const names = new Set(known);
  const unknown = classes.filter((name) => !names.has(name));
  if (unknown.length > 0) throw new UnknownClassError(unknown, known);
}

/** The first twelve names, and how many more there are. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => `'${name}'`);
  return `${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`;
}
