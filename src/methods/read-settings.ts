/** Validation of a method's settings. */
import { z } from 'zod';

/** The settings with every default filled in. @param what names them in errors @throws naming each field that is wrong or unknown */
export function readSettings<S extends z.ZodType>(schema: S, given: z.input<S>, what: string): z.output<S> {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  throw new Error(`Expected valid settings of ${what}:\n${z.prettifyError(read.error)}`);
}
