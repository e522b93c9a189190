import { expect, it } from 'vitest';
import { runProgram, whyNotCompiled as why } from './native-program';

const wakes = `
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
  // A worker's wait and the caller's for each of 2000 runs, and where the two meet at the lock; not fifteen workers' waits.
  expect(Number(runProgram(wakes))).toBeLessThan(5 * 2000);
});

const failures = `
#include "threads.h"
#include <new>
int main() {
  const std::thread::id caller = std::this_thread::get_id();
  int thrown = 0;
  for (bool in_caller : {false, true, false}) {
    std::atomic<int> begun{0};
    try {
      Pool::instance().run(2, [&](int64_t) {
        for (begun++; begun < 2;) std::this_thread::yield();  // each on a thread of its own
        if ((std::this_thread::get_id() == caller) == in_caller) throw std::bad_alloc();
      });
    } catch (const std::bad_alloc&) {
      thrown++;
    }
  }
  std::atomic<int> done{0};
  Pool::instance().run(100, [&](int64_t) { done++; });
  return thrown == 3 && done == 100 ? 0 : 1;
}`;

it.skipIf(why !== '')(`what a task throws on any thread, the caller gets, and the pool goes on${why}`, () => {
  expect(runProgram(failures)).toBe('');
});
