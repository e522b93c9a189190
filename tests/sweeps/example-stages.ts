/** Stages small enough to see through, in a module of their own so that worker processes can load it. */
import { z } from 'zod';
import { input, inputList, mapStage, stage } from '../../src/sweeps';

/** Calls of each stage's function in this process. */
export const calls: string[] = [];

export const numbers = stage({
  name: 'numbers',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ count: z.int().min(0), start: z.number().default(0) }),
  run(_context, { count, start }) {
    calls.push('numbers');
    return { shape: [count], data: Float32Array.from({ length: count }, (_, i) => start + i) };
  },
});

export const squares = mapStage({
  name: 'squares',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ scale: z.number() }),
  item: z.object({ id: z.string(), index: z.int() }),
  identity: ({ id }) => id,
  unkeyed: z.object({ source: z.string() }),
  batch: 4,
  run(context, { scale }, items) {
    calls.push(`squares ${items.map(({ id }) => id).join(' ')} from ${context.unkeyed.source}`);
    return items.map(({ id }) => ({ value: scale * id.length ** 2 }));
  },
});

export const total = stage({
  name: 'total',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ round: z.boolean().default(false) }),
  inputs: { values: input<readonly { value: number }[]>() },
  run(_context, { round }, { values }) {
    calls.push('total');
    const sum = values.reduce((all, { value }) => all + value, 0);
    return round ? Math.round(sum) : sum;
  },
});

/** Reports every step of its work, faster than anyone reads. */
export const talkative = stage({
  name: 'talkative',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ steps: z.int() }),
  run({ onProgress }, { steps }) {
    for (let done = 1; done <= steps; done++) onProgress({ label: 'talking', done, total: steps });
    return steps;
  },
});

export const parity = stage({
  name: 'parity',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ of: z.int() }),
  run: (_context, { of }) => {
    calls.push(`parity ${of}`);
    return of % 2;
  },
});

export const join = stage({
  name: 'join',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ separator: z.string() }),
  inputs: { parts: inputList<number>() },
  run: (_context, { separator }, { parts }) => {
    calls.push('join');
    return parts.join(separator);
  },
});

/** Fails as told; the message is the parameter. */
export const failing = stage({
  name: 'failing',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ message: z.string() }),
  run(_context, { message }): number {
    calls.push('failing');
    throw new Error(message);
  },
});

/** A piece that tells how far it is, in two steps. */
export const telling = stage({
  name: 'telling',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ of: z.number() }),
  run: (context, { of }) => {
    for (const done of [1, 3]) context.onProgress({ label: 'Training', done, total: 4 });
    context.onProgress({ label: 'Testing', done: 1, total: 3 });
    return of;
  },
});
