/** The papers' own figures as data, with their source. They are never mixed with ours; each states what differs. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { PublishedFigure } from '../charts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const publishedSchema = z.strictObject({
  /** The paper and the item: 'Table 5 of arXiv 2412.09959'. */
  source: z.string(),
  /** Number of training runs behind each figure. */
  n: z.int().min(1).optional(),
  /** What is missing in our copy of the paper's text: 'the values of the figure'. */
  lost: z.string().optional(),
  rows: z.array(
    z.strictObject({
      at: z.record(z.string(), scalar),
      /** Top-1 accuracy in per cent, as printed. */
      mean: z.number().min(0).max(100),
      sd: z.number().min(0).optional(),
    }),
  ),
});

/** Figures of one item; no rows if our copy of the text lacks them. */
export type Published = z.output<typeof publishedSchema>;

/**
 * Reads `published/<paper>/<item>.json`.
 * @throws if there is no such file, or it doesn't match the schema
 */
export function published(paper: string, item: string): Published {
  const file = fileURLToPath(new URL(`published/${paper}/${item}.json`, import.meta.url));
  const found = publishedSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (found.success) return found.data;
  throw new Error(`Expected published figures in ${file}: ${z.prettifyError(found.error)}`);
}

/** Published figures in the form that tables and charts take. @param differs what differs from our run, in a few words */
export const publishedFigures = ({ rows, n }: Published, differs: string): PublishedFigure[] =>
  rows.map((row) => ({
    at: row.at,
    mean: row.mean,
    ...(row.sd === undefined ? {} : { sd: row.sd }),
    ...(n ? { n } : {}),
    differs,
  }));

const rowsSchema = z.strictObject({
  source: z.string(),
  rows: z.array(z.record(z.string(), scalar)),
});

/** Reads rows of an item that isn't a table of accuracies. @throws as `published` does */
export function publishedRows(paper: string, item: string): z.output<typeof rowsSchema> {
  const file = fileURLToPath(new URL(`published/${paper}/${item}.json`, import.meta.url));
  const found = rowsSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (found.success) return found.data;
  throw new Error(`Expected published rows in ${file}: ${z.prettifyError(found.error)}`);
}
