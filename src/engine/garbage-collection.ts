/**
 * Rarer full collections of the JavaScript heap. Import this file before TensorFlow.
 *
 * A training step makes a few megabytes of typed arrays. V8 counts them against a limit that it derives from the size of the
 * heap, where they don't lie: a worker that holds a dataset too collected it again and again.
 */
import { setFlagsFromString } from 'node:v8';

// The limit is three times what the last collection left; V8's own factor is close to 1 where little is left to do.
setFlagsFromString('--heap-growing-percent=200');
