import { afterEach, expect, it } from 'vitest';
import { cellSignal } from '../../src/common';
import { cellSignal as engineSignal } from '../../src/engine/progress';

const name = Symbol.for('stillhouse.signal');
afterEach(() => {
  delete (globalThis as Record<symbol, unknown>)[name];
});

it('a cell’s signal is the one that the kernel sets, and nothing else that stands in its place', () => {
  expect(cellSignal()).toBeUndefined();
  const { signal } = new AbortController();
  Object.assign(globalThis, { [name]: signal });
  expect(cellSignal()).toBe(signal);
  Object.assign(globalThis, { [name]: { aborted: true } });
  expect(cellSignal()).toBeUndefined();
  expect(engineSignal).toBe(cellSignal);
});
