/** Where in a network an operation runs: layers name themselves, and a watcher may look at each operation's output. */
import type { Tensor } from './tensorflow';

/** Called with each hand-written operation's output, inside the layer path 'down_blocks.0.conv1' ('' outside all). */
export type Watcher = (layer: string, operation: string, output: Tensor) => void;

let watcher: Watcher | undefined;
let path: string[] = [];

/** True while someone watches: what is only for them can be left out otherwise. */
export const watching = (): boolean => watcher !== undefined;

/** Runs `body` as part of the layer `name`, below the layers it is called in. Costs nothing unless somebody watches. */
export function withinLayer<Result>(name: string, body: () => Result): Result {
  if (!watcher) return body();
  path.push(name);
  try {
    return body();
  } finally {
    path.pop();
  }
}

/** Runs `body` with `watch` called on the output of every operation. */
export function watchOperations<Result>(watch: Watcher, body: () => Result): Result {
  const outer = { watcher, path };
  watcher = watch;
  path = [];
  try {
    return body();
  } finally {
    watcher = outer.watcher;
    path = outer.path;
  }
}

/** For the door to TensorFlow: reports an output to the watcher, if there is one. */
export function observe(operation: string, output: Tensor): void {
  watcher?.(path.join('.'), operation, output);
}
