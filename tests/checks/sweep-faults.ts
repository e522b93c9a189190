/**
 * Kills of workers and schedulers, many: `node --import tsx tests/checks/sweep-faults.ts [KILLS=200] [SEED=1]`. Takes about
 * five minutes on two idle cores. Prints a line a round; exit code 1 where results differ. Expected: identical in each.
 */
import { deepStrictEqual } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from '../../src/sweeps';
import { outcome, randomOf, runUnderKills, undisturbed } from '../sweeps/faults/harness';

const [kills = 200, seed = 1] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'stillhouse-faults-'));
try {
  const expected = await undisturbed(new Store(join(folder, 'undisturbed')));
  const random = randomOf(seed);
  const sum = { scheduler: 0, worker: 0, runs: 0, rounds: 0 };
  const started = performance.now();
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
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(
    `${sum.scheduler + sum.worker} kills (${sum.scheduler} schedulers, ${sum.worker} workers), ${sum.rounds} sweeps, ${seconds} s; each bit-identical to the undisturbed run.`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
