/** Observation of the hand-written operations as they run. It costs nothing without a watcher. */
import type { Tensor } from './tensorflow';

/** One operation that has just run. Its tensors must not be kept. */
export interface Observation {
  /** 'conv2d'. */
  operation: string;
  /** 'down_blocks.0.conv1' if layers name themselves by `withinLayer`, else ''. */
  layer: string;
  inputs: Record<string, Tensor>;
  output: Tensor;
}

export type Watcher = (observation: Observation) => void;

let watcher: Watcher | undefined;
let path: string[] = [];

/** Runs `body` as part of the layer `name`, nested in the enclosing layers. */
export function withinLayer<Result>(name: string, body: () => Result): Result {
  if (!watcher) return body();
  path.push(name);
  try {
    return body();
  } finally {
    path.pop();
  }
}

/** Runs `body` with `watch` called after every hand-written operation. */
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

/** For `differentiable`: reports an operation to the watcher, if there is one. */
export function observe(operation: string, inputs: Record<string, Tensor>, output: Tensor): void {
  watcher?.({ operation, layer: path.join('.'), inputs, output });
}
