/** The long version: `node --import tsx tests/sweeps/faults/long.ts [KILLS=200] [SEED=1]`. Prints a line a round; exit code 1 where results differ. */
import { deepStrictEqual } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from '../../../src/sweeps';
import { outcome, randomOf, runUnderKills, undisturbed } from './harness';

const [kills = 200, seed = 1] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'stillhouse-faults-'));
try {
  const expected = await undisturbed(new Store(join(folder, 'undisturbed')));
  const random = randomOf(seed);
  const sum = { scheduler: 0, worker: 0, runs: 0, rounds: 0 };
  while (sum.scheduler + sum.worker < kills) {
    const store = new Store(join(folder, `round-${sum.rounds}`));
    const left = kills - sum.scheduler - sum.worker;
    const round = await runUnderKills(store.root, { kills: Math.min(12, left), scheduler: 0.4, random, within: 700 });
    deepStrictEqual(await outcome(store), expected);
    rmSync(store.root, { recursive: true });
    sum.scheduler += round.scheduler;
    sum.worker += round.worker;
    sum.runs += round.runs;
    sum.rounds++;
    console.log(
      `round ${sum.rounds}: ${sum.scheduler} schedulers and ${sum.worker} workers killed, ${sum.runs} runs; identical`,
    );
  }
  console.log(`${kills} kills, ${sum.rounds} sweeps, each bit-identical to the undisturbed run.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
