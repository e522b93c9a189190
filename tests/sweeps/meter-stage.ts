/** A stage that notes when it begins and ends, so that a test can see how many ran at once. */
import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { stage } from '../../src/sweeps';

export const meter = stage({
  name: 'meter',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ i: z.int(), memory: z.int().default(700) }),
  /** `deaf`: it hears no interrupt. */
  unkeyed: z.object({ file: z.string(), pause: z.number(), deaf: z.boolean().default(false) }),
  resources: { threads: 1 },
  resourcesFor: ({ memory }) => ({ memory }),
  async run(context, { i }) {
    const { file, pause, deaf } = context.unkeyed;
    appendFileSync(file, `begin ${i}\n`);
    await wait(pause, undefined, deaf ? {} : { signal: context.signal });
    appendFileSync(file, `end ${i}\n`);
    return i;
  },
});
