/** Settings that TensorFlow reads once, when it is loaded: imported before it. */

// The native library logs to stderr at start, which a notebook would show as an error.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
// A GPU is shared with other people's jobs more often than not: grow, don't grab.
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';

export {};
