/** Memory shared by the cells' thread and the thread beside it. */

/** Indices into the shared numbers. */
export const FLAG = {
  /** ≠ 0: the running cell should stop; its loops look here. */
  stop: 0,
  /** Interrupts asked for by the server, counted. */
  asked: 1,
  /** Interrupts that the cells' thread has dealt with, counted. */
  answered: 2,
  /** 0: a question is open; else 1 + length of the answer in bytes; -1: cancelled. */
  input: 3,
} as const;

/** Longest answer to `prompt`, bytes. */
export const INPUT_BYTES = 1 << 20;

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
