/** A stage that does nothing, in a module that worker processes load: what's left is the machinery. */
import { z } from 'zod';
import { input, stage } from '../../src/sweeps';

export const noop = stage({
  name: 'no-op',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ i: z.int() }),
  run: (_context, { i }) => i,
});

export const after = stage({
  name: 'after',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ i: z.int() }),
  inputs: { before: input<number>() },
  run: (_context, { i }, { before }) => before + i,
});
