/** The cell process' channel to the server. Sending blocks, so that nothing is lost in a crash or a tight loop. */
import { writeSync } from 'node:fs';
import { encodeFrame } from '../frames';
import type { FromCell } from './messages';

/** File descriptors given by the server: cell → server, server → cell, server → watchdog. */
export const DESCRIPTORS = { events: 3, commands: 4, watchdog: 5 } as const;

/** Sends a message; returns when the whole message is in the pipe. */
export function send(message: FromCell): void {
  const frame = encodeFrame(message);
  let sent = 0;
  while (sent < frame.length) {
    try {
      sent += writeSync(DESCRIPTORS.events, frame, sent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
