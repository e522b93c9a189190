/** Sets right what a library was in the middle of when its execution was ended: no `finally` block of it has run. */

/** The state of TensorFlow.js that its `finally` blocks take care of. */
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

/** Closes the scopes that are open (their tensors are disposed) and forgets the tape, or every later gradient fails. */
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
