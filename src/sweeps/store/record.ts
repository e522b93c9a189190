/** What the store remembers of a finished piece of work: how its key was made, what came out, how long it took. */
import { z } from 'zod';
import { sha256 } from '../canonical';
import { SweepError } from '../errors';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** Everything that a key is the hash of. Two equal key materials are the same work. */
export const keyMaterial = z.strictObject({
  stage: z.string(),
  version: z.union([z.string(), z.number()]),
  /** Normalised source hash of the stage's code. */
  code: hash,
  parameters: z.json(),
  /** The item of a piece of a mapped stage. */
  item: z.json().optional(),
  /** Output hash of each input; a list for an input that is a list. */
  inputs: z.record(z.string(), z.union([hash, z.array(hash)])),
});
export type KeyMaterial = z.infer<typeof keyMaterial>;

/** A blob that an output refers to. */
const blobReference = z.strictObject({ hash, size: z.number() });
export type BlobReference = z.infer<typeof blobReference>;

export const stageRecord = z.strictObject({
  format: z.literal(1),
  key: hash,
  material: keyMaterial,
  /** SHA-256 of the output's document: what downstream keys are made of. */
  output: hash,
  /** The document itself where it is small; it is a blob otherwise. */
  document: z.string().optional(),
  /** Every blob that the output needs, the document's included. */
  blobs: z.array(blobReference),
  /** Wall time of the work, in seconds; a piece's share of its batch. */
  seconds: z.number(),
  /** How much work it was, in the stage's own unit, where the parameters don't say. */
  amount: z.number().optional(),
  /** Host name and processor: past durations count on the same machine. */
  machine: z.string(),
  /** When it finished, ISO 8601. */
  finished: z.string(),
});
export type StageRecord = z.infer<typeof stageRecord>;

/** The record as a file's text, with a checksum of itself. */
export function recordText(record: StageRecord): string {
  const body = JSON.stringify(record);
  return `${sha256(body)}\n${body}\n`;
}

/**
 * Reads a record's file; undefined where it is damaged.
 * @throws SweepError where it is whole and of another format: another version's, which must find it again
 */
export function parseRecord(text: string, path: string): StageRecord | undefined {
  const [check, body] = text.split('\n', 2);
  // The checksum vouches for the shape: this program wrote it, and checking it again costs more than reading it.
  if (!check || !body || sha256(body) !== check) return undefined;
  const record = JSON.parse(body) as StageRecord;
  if (record.format === 1) return record;
  throw new SweepError(
    `Expected records of format 1 in the store, got format ${String(record.format)} (${path}). A newer Stillhouse has written it: update this one, or use another store (STILLHOUSE_STORE).`,
  );
}
