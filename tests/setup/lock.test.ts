import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { noteProgram, withLock } from '../../src/setup/lock.mjs';
import { root } from '../../src/setup/paths.mjs';
import { temporaryFolder } from '../helpers/temporary';

let folder: string;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'deep', 'setup.lock');
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const quick = { pollMs: 10 };

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.on('close', resolve));
  return child.pid!;
}

/** A program as a lock names it. */
async function note(pid: number): Promise<object> {
  return withLock(
    file,
    async () => {
      const ended = noteProgram(pid);
      const [program] = JSON.parse(readFileSync(file, 'utf8')).programs;
      ended();
      return program;
    },
    quick,
  );
}

async function leave(owner: object): Promise<void> {
  await withLock(file, async () => {}, quick);
  writeFileSync(file, JSON.stringify(owner));
}

describe('withLock', () => {
  it('gives back what the work gives, and leaves nothing behind', async () => {
    expect(await withLock(file, async () => 7, quick)).toBe(7);
    expect(readdirSync(join(folder, 'deep'))).toEqual([]);
  });

  it('is freed when the work fails, with the error passed on', async () => {
    await expect(
      withLock(
        file,
        async () => {
          throw new Error('no network');
        },
        quick,
      ),
    ).rejects.toThrow('no network');
    expect(existsSync(file)).toBe(false);
  });

  it('is taken over from an owner that died', async () => {
    await leave({ pid: await deadPid(), born: '1', host: hostname(), programs: [] });
    expect(await withLock(file, async () => 'mine', quick)).toBe('mine');
  });

  it('is taken over when the pid has gone to another program since', async () => {
    await leave({ pid: process.pid, born: '1', host: hostname(), programs: [] });
    expect(await withLock(file, async () => 'mine', quick)).toBe('mine');
  });

  it('is taken over when its content is damaged, and is not just being written', async () => {
    await leave({});
    writeFileSync(file, '{"pid": 1');
    const waiting = withLock(file, async () => 'mine', quick);
    await pause(100);
    expect(readFileSync(file, 'utf8')).toBe('{"pid": 1');
    const before = new Date(Date.now() - 61_000);
    utimesSync(file, before, before);
    expect(await waiting).toBe('mine');
  });

  it('waits for the program of an owner that died, as for an npm that outlives its set-up', async () => {
    const npm = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    try {
      await leave({ pid: await deadPid(), born: '1', host: hostname(), programs: [await note(npm.pid!)] });
      const onWait = vi.fn();
      let got = false;
      const waiting = withLock(
        file,
        async () => {
          got = true;
        },
        { ...quick, onWait },
      );
      await vi.waitFor(() => expect(onWait).toHaveBeenCalledTimes(1));
      await pause(50);
      expect(got).toBe(false);
      npm.kill();
      await waiting;
      expect(got).toBe(true);
    } finally {
      npm.kill('SIGKILL');
    }
  });

  it('is taken over when a program’s pid has gone to another program since', async () => {
    await leave({
      pid: await deadPid(),
      born: '1',
      host: hostname(),
      programs: [{ ...(await note(process.pid)), born: '1' }],
    });
    const born = process.platform === 'linux';
    if (born) expect(await withLock(file, async () => 'mine', quick)).toBe('mine');
  });

  it('is kept while an owner on another machine renews it, and taken over three minutes after it stopped', async () => {
    await leave({ pid: 1, born: '1', host: 'elsewhere', programs: [] });
    const onWait = vi.fn();
    const waiting = withLock(file, async () => 'mine', { ...quick, onWait });
    await vi.waitFor(() => expect(onWait).toHaveBeenCalledWith(1));
    const before = new Date(Date.now() - 200_000);
    utimesSync(file, before, before);
    expect(await waiting).toBe('mine');
  });

  it('is taken over a minute after a takeover that was killed', async () => {
    await leave({ pid: await deadPid(), born: '1', host: hostname(), programs: [] });
    const turn = `${file}.takeover`;
    writeFileSync(turn, '');
    const waiting = withLock(file, async () => 'mine', quick);
    await pause(200);
    expect(existsSync(turn)).toBe(true);
    const before = new Date(Date.now() - 61_000);
    utimesSync(turn, before, before);
    expect(await waiting).toBe('mine');
    expect(existsSync(turn)).toBe(false);
  });

  it('names the programs that run under it', async () => {
    await withLock(
      file,
      async () => {
        const ended = noteProgram(process.ppid);
        expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
          pid: process.pid,
          programs: [{ pid: process.ppid, born: expect.any(String) }],
        });
        ended();
        expect(JSON.parse(readFileSync(file, 'utf8')).programs).toEqual([]);
      },
      quick,
    );
  });

  it('lets one process at a time work, among eight that start together over a dead lock', async () => {
    await leave({ pid: await deadPid(), born: '1', host: hostname(), programs: [] });
    const script = `
      import { appendFileSync } from 'node:fs';
      import { withLock } from ${JSON.stringify(join(root, 'src', 'setup', 'lock.mjs'))};
      const [file, log] = process.argv.slice(1);
      await withLock(file, async () => {
        appendFileSync(log, 'in\\n');
        await new Promise((resolve) => setTimeout(resolve, 15));
        appendFileSync(log, 'out\\n');
      }, { pollMs: 5 });`;
    const log = join(folder, 'log');
    const codes = await Promise.all(
      Array.from({ length: 8 }, () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script, file, log], { stdio: 'inherit' });
        return new Promise((resolve) => child.on('close', resolve));
      }),
    );
    expect(codes).toEqual(Array(8).fill(0));
    expect(readFileSync(log, 'utf8')).toBe('in\nout\n'.repeat(8));
  });
});
