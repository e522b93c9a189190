/**
 * The thread beside the cells. It stops a cell that doesn't return: first by the flag that compiled loops read, then, for
 * loops in libraries, by terminating the cells' thread's execution through the inspector. It also receives the answers to
 * `prompt`, which blocks the cells' thread.
 */
import { Session } from 'node:inspector';
import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { FrameReader } from '../frames';
import { DESCRIPTORS } from './channel';
import type { ToWatchdog } from './messages';
import { FLAG, type Shared } from './shared';

const { flags, input } = workerData as Shared;

/** Time for the flag and the signal to take effect before execution is terminated, ms. */
const PATIENCE = 150;

let session: Session | undefined;

function interrupt(run: number): void {
  Atomics.store(flags, FLAG.stop, 1);
  const asked = Atomics.add(flags, FLAG.asked, 1) + 1;
  answer(null);
  parentPort!.postMessage({ interrupt: run });
  setTimeout(() => insist(asked, 'abort'), PATIENCE);
}

/**
 * First fires the cell's signal while it executes, for libraries that check it. Then terminates execution, again and
 * again (a native operation has to return first), until the interrupt is handled.
 */
function insist(asked: number, means: 'abort' | 'end'): void {
  if (Atomics.load(flags, FLAG.answered) >= asked) return;
  if (!session) dispatch(means);
  setTimeout(() => insist(asked, 'end'), PATIENCE);
}

/** Acts on the cells' thread while it executes. The session is closed at once afterwards, since it delays exits. */
function dispatch(means: 'abort' | 'end'): void {
  const inspector = new Session();
  session = inspector;
  inspector.connectToMainThread();
  const finished = (): void => {
    inspector.disconnect();
    session = undefined;
  };
  const expression = `globalThis[Symbol.for('stillhouse.stop')]?.('${means}')`;
  inspector.post('Runtime.evaluate', { expression }, means === 'abort' ? finished : () => undefined);
  if (means === 'end') inspector.post('Runtime.terminateExecution', finished);
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
// The server is gone, so this process ends too, whatever the cell is doing.
socket.on('close', () => process.kill(process.pid, 'SIGKILL'));
parentPort!.postMessage('ready');
