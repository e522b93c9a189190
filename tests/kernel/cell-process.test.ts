import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { CellProcess } from '../../src/kernel/cell-process';

const spawn = vi.hoisted(() => vi.fn());
vi.mock('node:child_process', () => ({ spawn }));

it('a kernel without free file descriptors says so, and outlives the error that comes later', () => {
  // What Node gives on EMFILE: no streams, and an 'error' in the next tick.
  const child = new EventEmitter();
  spawn.mockReturnValue(child);
  const onDeath = vi.fn();
  const [onMessage, onRawOutput] = [vi.fn(), vi.fn()];
  const start = () => new CellProcess({ folder: '.', root: '.', programs: '.', onMessage, onRawOutput, onDeath });
  expect(start).toThrow(/No cell process could be started: .*`ulimit -n`/);
  expect(() => child.emit('error', new Error('spawn node EMFILE'))).not.toThrow();
  expect(onDeath).not.toHaveBeenCalled();
});
