/** How weights are read, from any kind of file. */

export interface ReadOptions {
  /** What to do with a tensor that has NaN or infinity. Default 'refuse', so that broken weights are found early. */
  nonFinite?: 'refuse' | 'accept' | undefined;
}

/** What to refuse a tensor's values for; undefined where they may be read. */
export function refusal(data: Float32Array, name: string, { nonFinite }: ReadOptions): string | undefined {
  if (nonFinite === 'accept') return undefined;
  for (let i = 0; i < data.length; i++) {
    // x - x is 0 for every finite x, else NaN.
    if (data[i]! - data[i]! !== 0) return `Expected finite values in '${name}', got ${data[i]} at ${i}`;
  }
  return undefined;
}
