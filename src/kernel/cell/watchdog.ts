/**
 * The thread beside the cells. It stops a cell that doesn't return: first by the flag that compiled loops read, then,
 * for loops in libraries, by ending what the cells' thread executes through the inspector. It also takes the answers
 * to `prompt`, which blocks the cells' thread.
 */
import { Session } from 'node:inspector';
import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { FrameReader } from '../frames';
import { DESCRIPTORS } from './channel';
import type { ToWatchdog } from './messages';
import { FLAG, type Shared } from './shared';

const { flags, input } = workerData as Shared;

/** How long the polite ways get before execution is ended, ms. */
const PATIENCE = 150;

let session: Session | undefined;

function interrupt(run: number): void {
  Atomics.store(flags, FLAG.stop, 1);
  const asked = Atomics.add(flags, FLAG.asked, 1) + 1;
  answer(null);
  parentPort!.postMessage({ interrupt: run });
  setTimeout(() => insist(asked), PATIENCE);
}

/** Ends execution again and again (a native operation has to come back first) until the interrupt is dealt with. */
function insist(asked: number): void {
  if (Atomics.load(flags, FLAG.answered) >= asked) return;
  if (!session) terminate();
  setTimeout(() => insist(asked), PATIENCE);
}

/** Ends what the cells' thread executes. The session is open only as long as that takes: an open one delays exits. */
function terminate(): void {
  const inspector = new Session();
  session = inspector;
  inspector.connectToMainThread();
  // Node aborts the process if a callback ends with async ids on its stack; its own handler of fatal errors empties it.
  inspector.post('Runtime.evaluate', { expression: "globalThis[Symbol.for('stillhouse.unwind')]?.()" });
  inspector.post('Runtime.terminateExecution', () => {
    inspector.disconnect();
    session = undefined;
  });
}

function answer(text: string | null): void {
  if (Atomics.load(flags, FLAG.input) !== 0) return;
  const bytes = Buffer.from(text ?? '').subarray(0, input.length);
  input.set(bytes);
  Atomics.store(flags, FLAG.input, text === null ? -1 : bytes.length + 1);
  Atomics.notify(flags, FLAG.input);
}

const reader = new FrameReader();
const socket = new Socket({ fd: DESCRIPTORS.watchdog, readable: true, writable: false });
socket.on('data', (chunk) => {
  for (const message of reader.push(chunk) as ToWatchdog[]) {
    if (message.type === 'interrupt') interrupt(message.run);
    else answer(message.text);
  }
});
// The server is gone: so are we, whatever the cell is doing.
socket.on('close', () => process.kill(process.pid, 'SIGKILL'));
parentPort!.postMessage('ready');
