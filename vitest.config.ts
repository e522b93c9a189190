import { defineConfig } from 'vitest/config';

// Before the test processes start: the native library reads it from the real environment, which theirs hide.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
// A test that runs the command line must not begin a set-up below the suite, which would take its packages away.
process.env.STILLHOUSE_SETUP = 'never';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: 'tests/helpers/temporary-root.ts',
    // TensorFlow is a native addon with threads of its own: one process per file, two files at once.
    pool: 'forks',
    poolOptions: { forks: { maxForks: 2, minForks: 1 } },
    // Guards against hanging alone: on a busy machine a test takes ten times as long.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
