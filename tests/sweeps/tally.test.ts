import { expect, test, vi } from 'vitest';
import type { Plan } from '../../src/sweeps/plan/plan';
import type { RunEvent } from '../../src/sweeps/run/scheduler';
import { Tally } from '../../src/sweeps/run/tally';

test('the time that a piece has left begins anew where its count does', () => {
  const clock = vi.spyOn(performance, 'now');
  try {
    clock.mockReturnValue(0);
    const plan = { stages: [{ stage: 'training', toRun: 1 }], nodes: [{ id: 'a', pieces: 1, hits: 0 }] };
    const told: (string | undefined)[] = [];
    const tally = new Tally(plan as unknown as Plan, 1, ({ label, detail }) => {
      if (label === 'training') told.push(detail);
    });
    const node = { bound: { id: 'a' }, stage: { name: 'training' } };
    const tell = (seconds: number, done: number) => {
      clock.mockReturnValue(1000 * seconds);
      const progress = { label: 'Epoch', done, total: 10 };
      tally.event({ type: 'progress', stage: 'training', node, progress } as unknown as RunEvent);
    };
    tell(0, 0);
    tell(10, 5);
    tell(15, 1);
    tell(17, 2);
    expect(told).toEqual(['Epoch 0 %', 'Epoch 50 %, 10 s left', 'Epoch 10 %', 'Epoch 20 %, 16 s left']);
  } finally {
    clock.mockRestore();
  }
});
