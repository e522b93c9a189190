/** One set-up at a time: a lock file that names its owner, so that a dead owner's lock is taken over. */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Runs `work` while holding the lock `file`; waits while a living process holds it.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ onWait?: (owner: number) => void, pollMilliseconds?: number }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(file, work, { onWait, pollMilliseconds = 300 } = {}) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, host: hostname() });
  let told = false;
  while (!acquire(file, mine)) {
    const owner = ownerOf(file);
    if (owner === undefined) continue; // freed, or half written: look again
    if (owner.host === hostname() && !isAlive(owner.pid)) {
      takeAway(file, owner);
      continue;
    }
    if (!told) onWait?.(owner.pid);
    told = true;
    await pause(pollMilliseconds);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function acquire(file, content) {
  try {
    const descriptor = openSync(file, 'wx');
    writeSync(descriptor, content);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function ownerOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // gone or still being written
  }
}

/** Removes a dead owner's lock; by a rename, so that of two that saw it only one does. */
function takeAway(file, owner) {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  const taken = ownerOf(aside);
  rmSync(aside, { force: true });
  // Between our look and our rename somebody else took it over: it is theirs, put it back.
  if (taken && taken.pid !== owner.pid) acquire(file, JSON.stringify(taken));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
