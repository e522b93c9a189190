/** A small made-up ablation, in a module that worker processes load: numbers from a counter, sums of them, scores. */
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { input, mapStage, type Settings, stage, sweep, grid } from '../../src/sweeps';

const code = import.meta.url;

/** "Noise maps": 4000 numbers per item, from (seed, item) alone. */
export const maps = mapStage({
  name: 'maps',
  version: 1,
  code,
  uses: [],
  parameters: z.object({ seed: z.int() }),
  item: z.int(),
  unkeyed: z.object({ pause: z.number() }),
  batch: 2,
  async run(context, { seed }, items) {
    await new Promise((done) => setTimeout(done, context.unkeyed.pause));
    return items.map((item) => {
      let state = (seed * 2654435761 + item * 40503 + 1) >>> 0;
      return Float32Array.from({ length: 4000 }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
      });
    });
  },
});

export const pooled = stage({
  name: 'pooled',
  version: 1,
  code,
  uses: [],
  parameters: z.object({ patch: z.int() }),
  inputs: { maps: input<readonly Float32Array[]>() },
  run: (_context, { patch }, inputs) =>
    inputs.maps.map((map) =>
      Float64Array.from({ length: map.length / patch }, (_, i) =>
        map.subarray(i * patch, (i + 1) * patch).reduce((sum, value) => sum + value, 0),
      ),
    ),
});

export const score = stage({
  name: 'score',
  version: 1,
  code,
  uses: [],
  parameters: z.object({ clusters: z.int(), fail: z.string().optional() }),
  unkeyed: z.object({ flag: z.string() }).optional(),
  inputs: { pooled: input<readonly Float64Array[]>() },
  run(context, { clusters, fail }, inputs) {
    const flag = context.unkeyed?.flag;
    if (fail === 'always' || (fail === 'until flag' && flag && !existsSync(flag))) {
      context.log(`about to fail with ${clusters} clusters`);
      throw new Error(`cannot make ${clusters} clusters`);
    }
    if (fail === 'crash once' && flag && !existsSync(flag)) {
      writeFileSync(flag, '');
      process.kill(process.pid, 'SIGKILL');
    }
    if (fail === 'process id' && flag) appendFileSync(flag, `${process.pid}\n`);
    const top = inputs.pooled.map((map) => [...map].sort((a, b) => b - a).slice(0, clusters));
    const accuracy = top.flat().reduce((sum, value) => sum + value, 0) / (clusters * top.length);
    return { accuracy, spread: Math.max(...top.map((values) => values[0]!)) };
  },
});

export interface AblationSettings extends Settings {
  items: number;
  patch: number;
  clusters: number;
}

/** The sweep of the tests: 2 patch sizes × 3 cluster counts × seeds, over four items. */
export function ablation({ seeds = [0, 1], items = 4, pause = 0, patches = [4, 8] } = {}) {
  return sweep({
    name: 'ablation',
    base: { items, patch: 4, clusters: 1 } as AblationSettings,
    axes: [grid({ patch: patches, clusters: [1, 5, 10] })],
    seeds,
    target: (settings, seed) => {
      const noise = maps.bind(
        { seed },
        { items: Array.from({ length: settings.items }, (_, i) => i), unkeyed: { pause } },
      );
      const pool = pooled.bind({ patch: settings.patch }, { inputs: { maps: noise } });
      return score.bind({ clusters: settings.clusters }, { inputs: { pooled: pool } });
    },
  });
}
