/** The interrupt signal of the running notebook cell, if there is one: the kernel sets it. */
export function cellSignal(): AbortSignal | undefined {
  const signal = (globalThis as Record<symbol, unknown>)[Symbol.for('stillhouse.signal')];
  return signal instanceof AbortSignal ? signal : undefined;
}
