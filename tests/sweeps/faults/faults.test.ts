import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InProcessExecutor, runSweep, Store } from '../../../src/sweeps';
import { ablation } from '../sweep-stages';
import { temporaryStore } from '../temporary-store';
import { damage, outcome, randomOf, runUnderKills, undisturbed } from './harness';
import { temporaryFolder } from '../../helpers/temporary';

// 200 of them: tests/checks/sweep-faults.ts.
const KILLS = 5;

test(`workers and schedulers killed ${KILLS} times at random moments: the results are bit-identical to an undisturbed run’s`, {
  timeout: 300_000,
}, async () => {
  const expected = await undisturbed(temporaryStore());
  const random = randomOf(7);
  let kills = 0;
  for (let round = 0; kills < KILLS; round++) {
    const store = temporaryStore();
    const left = { kills: KILLS - kills, scheduler: 0.4, random, within: 600 };
    const { scheduler, worker } = await runUnderKills(store.root, left);
    kills += scheduler + worker;
    expect(await outcome(store)).toEqual(expected);
    expect(round).toBeLessThan(20);
  }
});

test('artifacts and records corrupted, truncated and deleted at random: run again gives the same results', async () => {
  const store = temporaryStore();
  const expected = await undisturbed(store);
  const random = randomOf(11);
  for (let i = 0; i < 25; i++) {
    const did = damage(store, random);
    // Other patch sizes read the maps again; the sweep itself reads its results.
    await runSweep(ablation({ patches: [16] }), { store, executor: new InProcessExecutor(store) });
    const { results } = await runSweep(ablation(), { store, executor: new InProcessExecutor(store) });
    expect(results.table.objects(), did).toEqual(expected.rows);
  }
});

const mount = (...args: string[]) => spawnSync('mount', args, { encoding: 'utf8' });
const mountSmallDisk = (folder: string) => mount('-t', 'tmpfs', '-o', 'size=180k', 'tmpfs', folder);

/** Why there can be no small disk here, for the title; empty when there can. */
function whyNoDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stillhouse-disk-'));
  const { status, stderr, error } = mountSmallDisk(folder);
  if (status === 0) spawnSync('umount', [folder]);
  rmdirSync(folder);
  return status === 0 ? '' : ` (skipped: no small disk can be made here, ${error?.message ?? stderr.trim()})`;
}

const why = whyNoDisk();
test.runIf(why === '')(
  `a full disk: the run says so and keeps what is finished; with room again it ends with the same results${why}`,
  async () => {
    const folder = temporaryFolder();
    mountSmallDisk(folder);
    try {
      const store = new Store(`${folder}/store`);
      const options = { store, executor: new InProcessExecutor(store), onLog: () => undefined };
      const full = await runSweep(ablation(), options);
      expect(full.results.failures.length).toBeGreaterThan(0);
      expect(full.results.failures[0]!.error).toContain('No space left for the store');
      expect(mount('-o', 'remount,size=20m', folder).status).toBe(0);
      const again = await runSweep(ablation(), options);
      expect(again.hits).toBeGreaterThan(0);
      expect(await outcome(store)).toEqual(await undisturbed(temporaryStore()));
    } finally {
      spawnSync('umount', [folder]);
    }
  },
);
