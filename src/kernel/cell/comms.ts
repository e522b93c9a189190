/** Jupyter comms: channels between a cell's code and a widget in the front-end. */
import { randomUUID } from 'node:crypto';
import type { Json } from '../protocol/message';
import { send } from './channel';
import type { ToCell } from './messages';
import { currentRun } from './runs';

export interface CommMessage {
  data: unknown;
  buffers: Uint8Array[];
}

/** An open comm. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  send(data: unknown, buffers?: Uint8Array[]): void;
  close(data?: unknown): void;
  /** Called for each message from the front-end. */
  onMessage?: (message: CommMessage) => void;
  /** Called when the front-end closes the comm. */
  onClose?: (message: CommMessage) => void;
}

type Incoming = Extract<ToCell, { type: 'comm' }>;

/** The content of a message. */
interface Carried {
  data: unknown;
  buffers?: Uint8Array[];
  target?: string;
  metadata?: Json;
}

const open = new Map<string, Comm>();
const targets = new Map<string, (comm: Comm, message: CommMessage) => void>();

/** Opens a comm to the front-end's `target`. */
export function openComm(target: string, data: unknown = {}, buffers: Uint8Array[] = [], metadata: Json = {}): Comm {
  const comm = create(randomUUID(), target);
  emit(comm.id, 'open', { data, buffers, target, metadata });
  return comm;
}

/** Lets the front-end open comms to `target`, which are passed to `handler`. */
export function onComm(target: string, handler: (comm: Comm, message: CommMessage) => void): void {
  targets.set(target, handler);
}

/** Passes a message from the front-end to its comm. */
export function receiveComm({ event, id, target, data, buffers }: Incoming): void {
  if (event === 'open') {
    const handler = targets.get(target ?? '');
    if (handler) handler(create(id, target ?? ''), { data, buffers });
    else emit(id, 'close', { data: {} });
    return;
  }
  const comm = open.get(id);
  if (event === 'close') open.delete(id);
  if (event === 'close') comm?.onClose?.({ data, buffers });
  else comm?.onMessage?.({ data, buffers });
}

function create(id: string, target: string): Comm {
  const comm: Comm = {
    id,
    target,
    send: (data, buffers = []) => emit(id, 'message', { data, buffers }),
    close: (data = {}) => {
      if (open.delete(id)) emit(id, 'close', { data });
    },
  };
  open.set(id, comm);
  return comm;
}

function emit(id: string, event: Incoming['event'], { data, buffers = [], target, metadata = {} }: Carried): void {
  const plain = JSON.parse(JSON.stringify(data ?? {})) as unknown;
  const run = currentRun()?.run ?? 0;
  send({ type: 'comm', run, event, id, data: plain, metadata, buffers, ...(target === undefined ? {} : { target }) });
}
