/** Messages between the server and the cell process. */
import type { Json } from '../protocol/message';

/** An error as the front-end shows it. */
export interface CellError {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** To the cell process' main thread. */
export type ToCell =
  | {
      type: 'run';
      /** Number of this run; its output carries it. */
      run: number;
      /** 'Cell [3]' */
      label: string;
      source: string;
      javascript: string;
      map: string;
      /** Whether the front-end supports input (`prompt`). */
      allowInput: boolean;
    }
  /** The next run imports these modules; they may be loaded now. */
  | { type: 'load'; run: number; label: string; modules: string[] }
  | {
      type: 'comm';
      event: 'open' | 'message' | 'close';
      id: string;
      target?: string;
      data: unknown;
      buffers: Uint8Array[];
    };

/** To the watchdog thread. */
export type ToWatchdog = { type: 'interrupt'; run: number } | { type: 'input'; text: string | null };

/** From the cell process. */
export type FromCell =
  | { type: 'ready' }
  | { type: 'stream'; run: number; name: 'stdout' | 'stderr'; text: string }
  | { type: 'display'; run: number; data: Json; metadata: Json; displayId?: string; update: boolean }
  | { type: 'clear'; run: number; wait: boolean }
  | { type: 'input'; run: number; prompt: string; password: boolean }
  | {
      type: 'comm';
      run: number;
      event: 'open' | 'message' | 'close';
      id: string;
      target?: string;
      data: unknown;
      metadata: Json;
      buffers: Uint8Array[];
    }
  | { type: 'exit'; code: number }
  | {
      type: 'done';
      run: number;
      result?: { data: Json; metadata: Json };
      error?: CellError;
      /** Indices of the top-level statements that ran, if not all did. */
      reached?: number[];
    };
