/** Settings that TensorFlow reads once, when it is loaded: imported before it. */

// The native library logs to stderr at start, which a notebook would show as an error.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
// A GPU is shared with other people's jobs more often than not: grow, don't grab.
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';

/**
 * Threads of one operation, from STILLHOUSE_THREADS; undefined: one a core. Set it where several workers share a machine.
 * @throws when it is not a whole number of at least 1.
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
    throw new Error(`Expected STILLHOUSE_THREADS to be a whole number >= 1, got '${text}'. Unset it for one a core.`);
  }
  return threads;
}
