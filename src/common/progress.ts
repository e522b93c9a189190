/** How every long function says where it is. */

/** One report: `done` of `total` units of `label`. */
export interface Progress {
  /** What is being done, for a person: 'Noise maps'. */
  label: string;
  /** Units finished, 0 … total. */
  done: number;
  /** Units in all. */
  total: number;
  /** A short word on the state: 'loss 0.12'. */
  detail?: string;
  /** Estimate of what is left, where the work makes one. */
  secondsLeft?: number;
}

export type OnProgress = (progress: Progress) => void;
