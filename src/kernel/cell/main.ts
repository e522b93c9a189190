/** The process in which cells run: `node cell/main.mjs FOLDER ROOT`, with the descriptors of channel.ts open. */
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FrameReader } from '../frames';
import { DESCRIPTORS, send } from './channel';
import { receiveComm } from './comms';
import { installDisplay } from './display';
import { installStackTraces } from './errors';
import { Executor } from './execute';
import { installInput } from './input';
import { installInspection } from './inspection';
import type { ToCell } from './messages';
import { Modules } from './modules';
import { installOutput } from './output';
import { repairTensorEngine } from './repair';
import { currentRun } from './runs';
import { allocateShared, FLAG } from './shared';
import { routeTslab } from './tslab';
import { installTimers } from './timers';
import { installWidgets } from './widgets';

const [folder = process.cwd(), root = process.cwd(), programs = '.'] = process.argv.slice(2);
const require = createRequire(join(root, 'package.json'));
const shared = allocateShared();
const modules = new Modules({ root, folder, programs });
const executor = new Executor(folder, shared, modules);

installOutput();
installStackTraces();
installInspection();
installDisplay();
installWidgets();
installInput(shared);
installTimers();

/** Never thrown. Passed to Node's handler of fatal errors, so that Node empties its stack of async ids. */
const unwinding = { unwinding: true };
const node = process as unknown as { _fatalException(error: unknown, rejection: boolean): void };
let ended = false;
// Called by the watchdog through the inspector, while this thread may be executing anything.
Object.defineProperty(globalThis, Symbol.for('stillhouse.stop'), {
  value: (means: 'abort' | 'end') => {
    if (means === 'abort') return executor.abort();
    ended = true;
    // The watchdog terminates execution next, and Node aborts the process if that leaves async ids on the stack.
    node._fatalException(unwinding, false);
  },
});
process.on('uncaughtException', (error) => {
  if ((error as unknown) !== unwinding) executor.stray(error, currentRun());
});
process.on('unhandledRejection', (reason) => executor.stray(reason, currentRun()));
process.on('SIGINT', () => undefined); // Ctrl-C in a terminal reaches the whole group; the server interrupts.
process.on('exit', (code) => send({ type: 'exit', code }));

const watchdog = new Worker(join(programs, 'cell', 'watchdog.mjs'), {
  workerData: shared,
  stdout: false,
  stderr: false,
});
watchdog.on('message', (message: 'ready' | { interrupt: number }) => {
  if (message === 'ready') {
    send({ type: 'ready' });
    void modules.prepare();
    return;
  }
  // Reset first, so that a repair that fails isn't tried again at every interrupt.
  const cut = ended;
  ended = false;
  if (cut) repairTensorEngine();
  executor.interrupt(message.interrupt);
  Atomics.store(shared.flags, FLAG.stop, 0);
  Atomics.store(shared.flags, FLAG.answered, Atomics.load(shared.flags, FLAG.asked));
});

const reader = new FrameReader();
const commands = new Socket({ fd: DESCRIPTORS.commands, readable: true, writable: false });
commands.on('data', (chunk) => {
  for (const message of reader.push(chunk) as ToCell[]) void receive(message);
});
commands.on('close', () => process.exit(0));

async function receive(message: ToCell): Promise<void> {
  if (message.type === 'comm') return receiveComm(message);
  if (message.type === 'load') return executor.load(message);
  await executor.run(message, async () => {
    await modules.prepareRequires(message.source);
    if (/\btslab\b/.test(message.source)) routeTslab(require);
  });
}
