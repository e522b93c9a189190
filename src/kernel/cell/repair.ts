/** Repairs the state of TensorFlow.js after its execution was terminated, which runs no `finally` blocks. */

interface TrackedTensor {
  kept: boolean;
  isDisposed: boolean;
  dispose(): void;
}

/** The state of TensorFlow.js that its `finally` blocks would reset. */
interface TensorEngine {
  state: {
    kernelDepth: number;
    gradientDepth: number;
    activeTape: unknown;
    scopeStack: { track: TrackedTensor[] }[];
    numDataMovesStack: unknown[];
  };
  endScope(): void;
}

/** Ends open scopes, which disposes of their tensors, and drops the gradient tape, or every later gradient would fail. */
export function repairTensorEngine(): void {
  const engine = (globalThis as { _tfengine?: TensorEngine })._tfengine;
  if (engine?.state === undefined) return;
  const { state } = engine;
  state.kernelDepth = 0;
  state.gradientDepth = 0;
  state.activeTape = null;
  state.numDataMovesStack.length = 0;
  for (const scope of state.scopeStack.toReversed()) {
    for (const tensor of scope.track.splice(0)) {
      if (!tensor.kept && !tensor.isDisposed) disposeRest(tensor);
    }
    engine.endScope();
  }
}

function disposeRest(tensor: TrackedTensor): void {
  try {
    tensor.dispose();
  } catch {
    // It was terminated within its disposal: its memory is free already, which the binding refuses to free again.
  }
}
