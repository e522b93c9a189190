import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary';

const compiler = process.env.CXX ?? 'g++';
const why = spawnSync(compiler, ['--version']).status === 0 ? '' : ` (skipped: there is no ${compiler} here)`;

const program = `
#include "threads.h"
#include <sys/resource.h>
#include <cstdio>
#include <vector>
int main() {
  for (int64_t tasks : {0, 1, 2, 3, 8, 100}) {
    std::vector<int> times(tasks, 0);
    for (int run = 0; run < 500; run++) Pool::instance().run(tasks, [&](int64_t i) { times[i]++; });
    for (int count : times) if (count != 500) return 1;
  }
  rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  std::atomic<int64_t> done{0};
  for (int run = 0; run < 2000; run++) Pool::instance().run(2, [&](int64_t) { done++; });
  getrusage(RUSAGE_SELF, &after);
  std::printf("%ld", after.ru_nvcsw - before.ru_nvcsw);
  return done == 4000 ? 0 : 2;
}`;

it.skipIf(why !== '')(`of sixteen threads no more wake than there are tasks${why}`, () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'main.cc'), program);
  const headers = new URL('../../src/engine/native', import.meta.url).pathname;
  const binary = join(folder, 'main');
  execFileSync(compiler, ['-std=c++17', '-O1', '-pthread', `-I${headers}`, join(folder, 'main.cc'), '-o', binary]);
  const waits = Number(execFileSync(binary, { env: { ...process.env, TF_NUM_INTRAOP_THREADS: '16' } }));
  // A worker's wait and the caller's for each of 2000 runs, and where the two meet at the lock; not fifteen workers' waits.
  expect(waits).toBeLessThan(5 * 2000);
});
