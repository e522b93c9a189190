/** The kernel's entry: bundled and called by launch.mjs. */
import { readConnection } from './protocol/connection';
import type { KernelOptions } from './kernel-options';
import { logProblem } from './log';
import { KernelServer } from './server';

/**
 * Runs a kernel until it is shut down.
 * @param connectionFile Path of Jupyter's connection file.
 * @throws Error if the connection file can't be used (see `readConnection`).
 */
export async function runKernel(connectionFile: string, options: Omit<KernelOptions, 'folder'>): Promise<void> {
  const connection = readConnection(connectionFile);
  const server = new KernelServer(connection, { ...options, folder: process.cwd() }, (code) => process.exit(code));
  // A notebook's variables outlive what goes wrong beside them.
  process.on('unhandledRejection', logProblem);
  process.on('SIGINT', () => server.interrupt());
  process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
  if (process.env.JPY_PARENT_PID) endWithParent(() => void server.stop().then(() => process.exit(0)));
  await server.start();
}

/** Ends the kernel when its parent changes, which means that the client that started it is gone. */
function endWithParent(end: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, 1000).unref();
}
