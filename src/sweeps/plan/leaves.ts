/** The values of nested settings by their path, such as `parameters.train.size`; a list is one value. */
import type { Json } from '../canonical';

export function leavesOf(value: Json, path: string): Map<string, Json> {
  const isFields = value !== null && typeof value === 'object' && !Array.isArray(value);
  if (!isFields) return new Map([[path, value]]);
  return new Map(Object.entries(value).flatMap(([key, field]) => [...leavesOf(field, `${path}.${key}`)]));
}
