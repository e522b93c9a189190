/** Environment variables that TensorFlow reads once, when it is loaded. Import this file before it. */

// The native library logs to stderr at start, which a notebook would show as an error.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
// GPUs are often shared: allocate memory as needed instead of all at once.
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';

/**
 * Threads per operation, from STILLHOUSE_THREADS; undefined means one per core. Set it if several workers share a
 * machine.
 * @throws if it is not a whole number of at least 1
 */
export const requestedThreads: number | undefined = readThreads(process.env.STILLHOUSE_THREADS);
if (requestedThreads !== undefined) {
  process.env.TF_NUM_INTRAOP_THREADS = String(requestedThreads);
  process.env.TF_NUM_INTEROP_THREADS = '1';
}

function readThreads(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new Error(
      `Expected STILLHOUSE_THREADS to be a whole number >= 1, got '${text}'. Unset it for one thread per core.`,
    );
  }
  return threads;
}
