/** How long functions report their progress. */

/** One report: `done` of `total` units of `label`. */
export interface Progress {
  /** What is being done, as shown to the user: 'Noise maps'. */
  label: string;
  /** Units finished, 0 … total. */
  done: number;
  /** Units in all. */
  total: number;
  /** A short text on the state: 'loss 0.12'. */
  detail?: string;
  /** The work's own estimate of the seconds left, if it makes one. */
  secondsLeft?: number;
}

export type OnProgress = (progress: Progress) => void;
