import { defineConfig } from 'vitest/config';

// Before the test processes start: the native library reads it from the real environment, which theirs hide.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // TensorFlow is a native addon with threads of its own: one process a file, two files at once.
    pool: 'forks',
    poolOptions: { forks: { maxForks: 2, minForks: 1 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
