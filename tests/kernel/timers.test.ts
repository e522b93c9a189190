import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { startRun, within } from '../../src/kernel/cell/runs';
import { installTimers, stopRun } from '../../src/kernel/cell/timers';

const { setTimeout, setInterval, setImmediate } = globalThis;
afterEach(() => {
  Object.assign(globalThis, { setTimeout, setInterval, setImmediate });
});

const run = (number: number) => startRun({ run: number, label: `cell ${number}` });
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('a cell that was stopped has no interval left', () => {
  installTimers();
  const cell = run(1);
  const timer = within(cell, () => globalThis.setInterval(() => undefined, 1e6));
  stopRun(cell);
  expect((timer as NodeJS.Timeout & { _destroyed: boolean })._destroyed).toBe(true);
});

it('a cell that used an interval is forgotten with it', async () => {
  installTimers();
  const cell = (() => {
    const cell = run(1);
    within(cell, () => clearInterval(globalThis.setInterval(() => undefined, 1e6)));
    return new WeakRef(cell);
  })();
  within(run(2), () => undefined); // the latest is remembered
  await new Promise((done) => setImmediate(done)); // a WeakRef holds until the turn ends
  collectGarbage();
  expect(cell.deref()).toBeUndefined();
});
