/** Repairs the state of TensorFlow.js after its execution was terminated, which runs no `finally` blocks. */

/** The state of TensorFlow.js that its `finally` blocks would reset. */
interface TensorEngine {
  state: {
    kernelDepth: number;
    gradientDepth: number;
    activeTape: unknown;
    scopeStack: unknown[];
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
  for (let open = state.scopeStack.length; open > 0; open--) engine.endScope();
}
