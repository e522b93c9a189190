/**
 * A lock file that names its owner and the programs that the owner runs, and is renewed every few seconds. It is taken
 * over when the owner is dead and its programs too (an `npm ci` outlives a killed set-up). If the owner is on another
 * machine that shares the folder, it is taken over when it has not been renewed for minutes.
 */
import {
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';

const RENEW_MS = 5_000;
const FORGOTTEN_MS = 180_000;
/** A takeover is a few system calls; the rest is for clocks of a file server that differ. */
const TAKEOVER_MS = 60_000;

/** Locks held by this process: file → content. */
const held = new Map();
let serial = 0;
process.on('exit', () => {
  for (const file of held.keys()) if (isMine(file)) rmSync(file, { force: true });
});

/**
 * Runs `work` while holding the lock `file`; waits while another process holds it.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ onWait?: (owner: number) => void, pollMs?: number }} [options] `onWait` is called once, with the owner's pid
 * @returns {Promise<T>}
 */
export async function withLock(file, work, { onWait, pollMs = 300 } = {}) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = { pid: process.pid, born: birth(process.pid), host: hostname(), programs: [] };
  let told = false;
  while (!acquire(file, mine)) {
    const owner = read(file);
    if (owner === undefined) continue; // just freed: try again
    if (isAbandoned(file, owner)) {
      if (takeAway(file)) continue;
    } else if (!told) {
      onWait?.(owner.pid);
      told = true;
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  held.set(file, mine);
  const renewal = setInterval(() => renew(file), RENEW_MS);
  renewal.unref();
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    held.delete(file);
    if (isMine(file)) rmSync(file, { force: true });
  }
}

/**
 * Records a running program of ours in every held lock, until the returned function is called.
 * @param {number | undefined} pid
 */
export function noteProgram(pid) {
  if (pid === undefined) return () => {};
  const write = (change) => {
    for (const [file, content] of held) {
      content.programs = change(content.programs);
      try {
        if (isMine(file)) replace(file, content);
      } catch {
        // A full disk: the program that fills it will report it.
      }
    }
  };
  const program = { pid, born: birth(pid) };
  write((programs) => [...programs, program]);
  return () => write((programs) => programs.filter((other) => other !== program));
}

/** Creates the lock atomically: the content is written under another name, then linked. */
function acquire(file, content) {
  const whole = `${file}.${process.pid}.${serial++}`;
  try {
    writeFileSync(whole, JSON.stringify(content));
    link(whole, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}

function link(from, to) {
  try {
    linkSync(from, to);
  } catch (error) {
    if (error.code === 'EEXIST') throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL); // a file system without links
  }
}

function replace(file, content) {
  const whole = `${file}.${process.pid}.${serial++}`;
  try {
    writeFileSync(whole, JSON.stringify(content));
    renameSync(whole, file);
  } finally {
    rmSync(whole, { force: true });
  }
}

function read(file) {
  try {
    const { pid, born, host, programs } = JSON.parse(readFileSync(file, 'utf8'));
    return { pid, born, host, programs: programs ?? [] };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return { pid: 0, born: '', host: '', programs: [] }; // damaged
    throw error;
  }
}

const isMine = (file) => {
  const owner = read(file);
  return owner?.pid === process.pid && owner.host === hostname();
};

function renew(file) {
  const now = new Date();
  try {
    if (isMine(file)) utimesSync(file, now, now);
  } catch {
    // Gone, or the folder became read-only: the work itself will report it.
  }
}

function isAbandoned(file, { pid, born, host, programs }) {
  const age = () => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (pid === 0) return age() > TAKEOVER_MS; // damaged, or just being written
  if (host !== hostname()) {
    return age() > FORGOTTEN_MS;
  }
  return ![{ pid, born }, ...programs].some(isRunning);
}

/** Whether a process runs and is the one that was noted: pids are given away again, after a restart at the latest. */
function isRunning({ pid, born }) {
  return isAlive(pid) && birth(pid) === born;
}

/** When a process started, in clock ticks, to tell it from a later one with the same pid. '' if unknown. */
function birth(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/**
 * Removes an abandoned lock. One process at a time may, so that none removes what another has just taken.
 * @returns whether it was this one's turn
 */
function takeAway(file) {
  const turn = `${file}.takeover`;
  try {
    writeFileSync(turn, '', { flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const since = statSync(turn, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > TAKEOVER_MS) rmSync(turn, { force: true }); // its process was killed in between
    return false;
  }
  try {
    const owner = read(file);
    if (owner !== undefined && isAbandoned(file, owner)) rmSync(file, { force: true });
    return true;
  } finally {
    rmSync(turn, { force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
