/** Memory shared by the cells' thread and the watchdog. */

/** Indices into the shared numbers. */
export const FLAG = {
  /** ≠ 0: the running cell should stop. Read in every loop. */
  stop: 0,
  /** Number of interrupts that the server has asked for. */
  asked: 1,
  /** Number of interrupts that the cells' thread has handled. */
  answered: 2,
  /** 0: a prompt waits for its answer; -1: it was cancelled; else 1 + length of the answer in bytes. */
  input: 3,
} as const;

/** Longest answer to `prompt`, bytes. */
const INPUT_BYTES = 1 << 20;

export interface Shared {
  flags: Int32Array;
  input: Uint8Array;
}

export function allocateShared(): Shared {
  return {
    flags: new Int32Array(new SharedArrayBuffer(16)),
    input: new Uint8Array(new SharedArrayBuffer(INPUT_BYTES)),
  };
}
