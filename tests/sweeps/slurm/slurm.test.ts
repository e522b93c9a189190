import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Lab, startLab, whyNot } from './lab';
import { InProcessExecutor, runSweep, SlurmExecutor, type Store } from '../../../src/sweeps';
import { queue } from '../../../src/sweeps/executors/slurm/commands';
import { outcome, undisturbed } from '../faults/harness';
import { ablation } from '../sweep-stages';
import { temporaryStore } from '../temporary-store';

const reason = whyNot();
const isSlow = process.env.STILLHOUSE_SLOW === '1';
const why = reason ? ` (skipped: ${reason})` : '';
const whySlow = reason || isSlow ? '' : ' (slow: STILLHOUSE_SLOW=1)';

describe.runIf(!reason)(`a real Slurm of four nodes${why}`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab?.close());

  const executor = (store: Store) => new SlurmExecutor(store, { slots: 8, shortest: 0.05, gather: 100, poll: 250 });

  test('a sweep spread over the nodes gives what this process gives, bit for bit', async () => {
    const store = temporaryStore();
    const slurm = executor(store);
    const nodes = new Set<string>();
    const watch = setInterval(async () => {
      for (const { node } of await slurm.status().catch(() => [])) if (node) nodes.add(node);
    }, 200);
    const { results, misses } = await runSweep(ablation({ pause: 200 }), { store, executor: slurm });
    clearInterval(watch);
    await slurm.close();
    expect(results.failures.map(({ error }) => error)).toEqual([]);
    expect(misses).toBe(24);
    expect([...nodes].sort()).toEqual(['n1', 'n2', 'n3', 'n4']);
    expect(await outcome(store)).toEqual(await undisturbed(temporaryStore()));
  });

  test.runIf(isSlow)(`an interrupt cancels what is in the queue${whySlow}`, async () => {
    const store = temporaryStore();
    const slurm = executor(store);
    const aborter = new AbortController();
    const running = runSweep(ablation({ pause: 20_000 }), { store, executor: slurm, signal: aborter.signal });
    while ((await slurm.status()).length === 0) await new Promise((done) => setTimeout(done, 100));
    const jobs = new Set((await slurm.status()).map(({ job }) => job));
    aborter.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await slurm.close();
    const left = async () => (await queue([...jobs])).filter(({ state }) => state !== 'COMPLETING').length;
    while ((await left()) > 0) await new Promise((done) => setTimeout(done, 100));
    expect(await left()).toBe(0);
  });

  test.runIf(isSlow)(
    `a node lost in the middle, then the controller: the results are the same${whySlow}`,
    async () => {
      const store = temporaryStore();
      const slurm = executor(store);
      const running = runSweep(ablation({ pause: 3000 }), { store, executor: slurm });
      const some = async (ready: (state: string, node: string) => boolean) => {
        for (;;) {
          const found = (await slurm.status().catch(() => [])).find(({ state, node }) => ready(state, node));
          if (found) return found.node;
          await new Promise((done) => setTimeout(done, 100));
        }
      };
      const node = await some((state, name) => state === 'RUNNING' && name !== '');
      lab.killNode(node);
      await new Promise((done) => setTimeout(done, 1000));
      lab.killController();
      await new Promise((done) => setTimeout(done, 2000));
      lab.startController();
      const administrator = setInterval(() => lab.resumeDrained(), 2000);
      // One may be drained too: the controller forgot what it started last, and gave the job's number away again.
      await lab.untilUp(1);
      lab.startNode(node);
      const { results } = await running;
      clearInterval(administrator);
      await slurm.close();
      expect(results.failures.map(({ error }) => error)).toEqual([]);
      expect(await outcome(store)).toEqual(await undisturbed(temporaryStore()));
    },
    400_000,
  );

  test.runIf(isSlow)(
    `a job that somebody cancels, or that the controller forgets, is submitted again${whySlow}`,
    async () => {
      const store = temporaryStore();
      const slurm = executor(store);
      const running = runSweep(ablation({ pause: 2000, seeds: [0] }), { store, executor: slurm });
      let job: string | undefined;
      while (!job) {
        job = (await slurm.status().catch(() => [])).find(({ state }) => state === 'RUNNING')?.job;
        await new Promise((done) => setTimeout(done, 100));
      }
      spawnSync('scancel', [job]);
      const { results, retries } = await running;
      await slurm.close();
      expect(results.failures.map(({ error }) => error)).toEqual([]);
      expect(retries).toBeGreaterThan(0);
    },
    400_000,
  );

  test.runIf(isSlow)(
    `jobs that more urgent ones preempt start again where they were: the results are the same${whySlow}`,
    async () => {
      const store = temporaryStore();
      const slurm = executor(store);
      const running = runSweep(ablation({ pause: 4000, seeds: [0] }), { store, executor: slurm });
      const states = async () => (await slurm.status().catch(() => [])).map(({ state }) => state);
      while (!(await states()).includes('RUNNING')) await new Promise((done) => setTimeout(done, 100));
      const urgent = ['--partition=urgent', '--array=0-3', '--exclusive', '--output=/dev/null', '--wrap=sleep 3'];
      expect(spawnSync('sbatch', urgent).status).toBe(0);
      // Out of their nodes and back in the queue.
      await vi.waitUntil(async () => (await states()).includes('PENDING'), { timeout: 60_000, interval: 50 });
      const { results, retries } = await running;
      await slurm.close();
      expect(results.failures.map(({ error }) => error)).toEqual([]);
      // Slurm queues them again by itself.
      expect(retries).toBe(0);
      await runSweep(ablation(), { store, executor: new InProcessExecutor(store) });
      expect(await outcome(store)).toEqual(await undisturbed(temporaryStore()));
    },
    400_000,
  );

  test.runIf(isSlow)(
    `jobs that are requeued while they run: the results are the same${whySlow}`,
    async () => {
      const store = temporaryStore();
      const slurm = executor(store);
      const running = runSweep(ablation({ pause: 3000, seeds: [0] }), { store, executor: slurm });
      let requeued = 0;
      while (requeued === 0) {
        for (const { job, index, state } of await slurm.status().catch(() => [])) {
          if (state !== 'RUNNING') continue;
          requeued += spawnSync('scontrol', ['requeue', `${job}_${index}`]).status === 0 ? 1 : 0;
        }
        await new Promise((done) => setTimeout(done, 100));
      }
      const { results } = await running;
      await slurm.close();
      expect(results.failures.map(({ error }) => error)).toEqual([]);
      await runSweep(ablation(), { store, executor: new InProcessExecutor(store) });
      expect(await outcome(store)).toEqual(await undisturbed(temporaryStore()));
    },
    400_000,
  );

  test.runIf(isSlow)(
    `after a driver is gone, the next one takes over what is still in the queue${whySlow}`,
    async () => {
      const store = temporaryStore();
      const first = executor(store);
      const aborter = new AbortController();
      void runSweep(ablation({ pause: 2500, seeds: [0] }), { store, executor: first, signal: aborter.signal }).catch(
        () => undefined,
      );
      while ((await first.status()).length === 0) await new Promise((done) => setTimeout(done, 100));
      const jobs = (await first.status()).map(({ job }) => job);
      // It stops looking without cancelling, as a killed process would.
      await first.close();
      const second = executor(store);
      const seen = new Set<string>();
      const { results } = await runSweep(ablation({ pause: 2500, seeds: [0] }), {
        store,
        executor: second,
        onEvent: async () => {
          for (const { job } of await second.status().catch(() => [])) seen.add(job);
        },
      });
      await second.close();
      expect(results.failures.map(({ error }) => error)).toEqual([]);
      const maps = [...store.records('maps')];
      expect(maps).toHaveLength(4);
      expect(jobs.length).toBeGreaterThan(0);
      // One array of maps: the second driver submitted none.
      const arrays = (await import('node:fs')).readdirSync(`${store.root}/slurm`);
      expect(arrays.filter((name) => name.includes('-maps-'))).toHaveLength(1);
      await runSweep(ablation({ seeds: [0] }), { store, executor: new InProcessExecutor(store) });
    },
  );
});
