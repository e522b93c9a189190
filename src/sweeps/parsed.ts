/** What callers give, checked by a schema. */
import { z } from 'zod';
import { StageDefinitionError } from './errors';

/**
 * The value as its schema gives it; fields that an object's schema doesn't know are refused, not dropped.
 * @param what names the value in the error, as in `parameters of stage "score"`
 * @throws StageDefinitionError naming each field that is wrong
 */
export function parsed<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const strict: z.ZodType = schema instanceof z.ZodObject && !schema.def.catchall ? schema.strict() : schema;
  const result = strict.safeParse(value);
  if (result.success) return result.data as z.output<S>;
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`).join('; ');
  throw new StageDefinitionError(`Expected valid ${what}, got ${JSON.stringify(value)}. ${issues}`);
}
