import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConnection } from '../../src/kernel/protocol/connection';
import { MalformedMessage, Wire } from '../../src/kernel/protocol/message';
import { RandomStream } from '../../src/engine/random';
import { KernelClient } from './helpers/kernel-client';
import { temporaryFolder } from '../helpers/temporary';

const content = { code: '1' };
const frames = (wire: Wire) =>
  wire.write({ identities: ['client'], type: 'execute_request', content }).map((part) => Buffer.from(part));

describe('the wire format', () => {
  it('gives back what was written, buffers too', () => {
    const wire = new Wire('secret', 'session', 'me');
    const written = wire.write({
      identities: ['a', 'b'],
      type: 'comm_msg',
      content,
      parent: { msg_id: 'p' },
      buffers: [new Uint8Array([1, 2])],
    });
    const read = wire.read(written.map((part) => Buffer.from(part)));
    expect(read).toMatchObject({
      content,
      parent: { msg_id: 'p' },
      header: { msg_type: 'comm_msg', session: 'session', version: '5.4' },
    });
    expect(read.identities.map(String)).toEqual(['a', 'b']);
    expect([...read.buffers[0]!]).toEqual([1, 2]);
  });

  it('refuses a message signed with another key, or not at all', () => {
    const other = frames(new Wire('other'));
    expect(() => new Wire('secret').read(other)).toThrow(MalformedMessage);
    other[2] = Buffer.alloc(0);
    expect(() => new Wire('secret').read(other)).toThrow('the signature differs');
  });

  it('takes unsigned messages when the connection has no key', () => {
    expect(new Wire('').read(frames(new Wire(''))).content).toEqual(content);
  });
});

describe('a connection file', () => {
  const folder = temporaryFolder();
  const fields = {
    ip: '127.0.0.1',
    transport: 'tcp',
    key: 'k',
    shell_port: 1,
    control_port: 2,
    stdin_port: 3,
    iopub_port: 4,
    hb_port: 5,
  };
  const write = (changes: object): string => {
    const file = join(folder, 'c.json');
    writeFileSync(file, JSON.stringify({ ...fields, ...changes }));
    return file;
  };

  it('is made private before its key is used', () => {
    const file = write({});
    chmodSync(file, 0o644);
    expect(readConnection(file)).toMatchObject({ key: 'k', shell_port: 1 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('of an address that others reach is refused unless that was asked for', () => {
    const file = write({ ip: '0.0.0.0' });
    expect(() => readConnection(file, {})).toThrow('Expected `ip`');
    expect(readConnection(file, { STILLHOUSE_ALLOW_REMOTE: '1' }).ip).toBe('0.0.0.0');
  });

  it('with a wrong field is refused by name', () => {
    expect(() => readConnection(write({ hb_port: 'x' }))).toThrow('`hb_port`');
    expect(() => readConnection(write({ signature_scheme: 'md5' }))).toThrow('hmac-sha256');
    expect(() => readConnection(write({ transport: 'udp' }))).toThrow('tcp or ipc');
  });
});

describe('the server', () => {
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await KernelClient.start();
  });
  afterAll(async () => {
    expect(await kernel.close()).toBe(0);
  });

  it('lives through 10,000 damaged messages, counts them, and still answers', async () => {
    const random = new RandomStream(4, 'fuzz');
    let dropped = 0;
    for (let i = 0; i < 10_000; i++) {
      const damaged = mutate(frames(kernel.wire).slice(1), random);
      dropped += Number(isRefused(kernel.wire, damaged));
      await kernel.shell.send(damaged);
    }
    expect(dropped).toBeGreaterThan(9_000);
    expect((await kernel.execute('6 * 7')).text).toBe('42');
    expect(kernel.process.exitCode).toBeNull();
    const told = [...kernel.log.matchAll(/kernel: (\d+) dropped message/g)].map(([, count]) => Number(count));
    expect(told).toEqual([1, 10, 100, 1000, 10_000].filter((count) => count <= dropped));
  });

  it('lives through 1,000 messages that are signed well and hold anything at all', async () => {
    const random = new RandomStream(5, 'signed');
    for (let i = 0; i < 1_000; i++) {
      const content = Object.fromEntries(FIELDS.map((field) => [field, anything(random)]));
      const frames = kernel.wire.write({ type: random.choice(TYPES), content, metadata: { odd: anything(random) } });
      await kernel.shell.send(frames);
    }
    // One of them may have failed as a cell and takes the next with it.
    expect((await kernel.execute('0')).reply.status).toMatch(/ok|aborted/);
    expect((await kernel.execute('6 * 7')).text).toBe('42');
    expect(kernel.process.exitCode).toBeNull();
  });

  it('drops messages that are signed but make no sense, and answers the others', async () => {
    for (const odd of [{ code: 5 }, { code: null, user_expressions: 'x' }, { code: ['a'] }, {}]) {
      expect((await kernel.request('execute_request', odd)).status).toMatch(/ok|error/);
    }
    expect((await kernel.request('complete_request', { code: 7, cursor_pos: 'x' })).status).toMatch(/ok|error/);
    expect((await kernel.request('history_request', { hist_access_type: 'search', pattern: '[(' })).status).toBe('ok');
    expect((await kernel.request('no_such_request')).status).toBe('error');
  });

  it('answers silent requests without counting, publishing or remembering them', async () => {
    const before = (await kernel.execute('"counted"')).reply.execution_count as number;
    const { outputs, reply } = await kernel.execute('99', { silent: true });
    expect(outputs.map(({ type }) => type)).toEqual(['status', 'status']);
    expect(reply.execution_count).toBe(before);
    expect((await kernel.execute('0')).reply.execution_count).toBe(before + 1);
    const { history } = await kernel.request('history_request', {
      hist_access_type: 'tail',
      n: 2,
      output: false,
      raw: true,
    });
    expect((history as unknown[][]).map((entry) => entry[2])).toEqual(['"counted"', '0']);
  });

  it('evaluates user expressions after the cell, each with its own fate', async () => {
    const { reply } = await kernel.execute('const base = 20', {
      user_expressions: { good: 'base + 1', bad: 'nothing', throws: 'base.toFixed(1000)' },
    });
    expect(reply.user_expressions).toMatchObject({
      good: { status: 'ok', data: { 'text/plain': '21' } },
      bad: { status: 'error', ename: 'TypeScriptError' },
      throws: { status: 'error', ename: 'RangeError' },
    });
  });

  it('asks the front-end for input, and says so when it can not', async () => {
    const { text } = await kernel.execute("prompt('name?') + '!'", { answer: (prompt) => `${prompt} Ada` });
    expect(text).toBe("'name? Ada!'");
    expect((await kernel.execute("prompt('name?')")).reply.evalue).toContain(
      'Expected a front-end that supports input',
    );
  });

  it('carries comms both ways', async () => {
    const opened = await kernel.execute(`
      const channel = (globalThis as any)[Symbol.for('stillhouse.display')];
      const comm = channel.openComm('chart', { start: 1 });
      comm.onMessage = ({ data, buffers }: { data: any; buffers: Uint8Array[] }) => comm.send({ echo: data.x }, buffers);
      channel.onComm('widget', (line: any, { data }: any) => line.send({ hello: data.name }));`);
    const { content: open } = opened.outputs.find(({ type }) => type === 'comm_open')!;
    expect(open).toMatchObject({ target_name: 'chart', data: { start: 1 } });
    expect((await kernel.request('comm_info_request', { target_name: 'chart' })).comms).toEqual({
      [String(open.comm_id)]: { target_name: 'chart' },
    });
    await kernel.notify('comm_msg', { comm_id: open.comm_id, data: { x: 5 } });
    await kernel.until(({ type, content: { data } }) => type === 'comm_msg' && (data as { echo?: number }).echo === 5);
    await kernel.notify('comm_open', { comm_id: 'w1', target_name: 'widget', data: { name: 'Ada' } });
    await kernel.until(
      ({ type, content: { data } }) => type === 'comm_msg' && (data as { hello?: string }).hello === 'Ada',
    );
    await kernel.notify('comm_close', { comm_id: 'w1', data: {} });
    expect(Object.keys((await kernel.request('comm_info_request')).comms as object)).toEqual([open.comm_id]);
  });

  it('shows what is known of a name in the pager', async () => {
    const { reply } = await kernel.execute('Math.hypot?');
    expect(JSON.stringify(reply.payload)).toContain('square root of the sum of squares');
  });

  it('completes with types and inspects with documentation, of earlier cells too', async () => {
    await kernel.execute('/** Litres of mash. */\nconst mashTun = { volume: 3, temperature: 65 };');
    const done = await kernel.request('complete_request', { code: 'a; "😀"; mashTun.vol', cursor_pos: 18 });
    expect(done).toMatchObject({ matches: ['volume'], cursor_start: 16, cursor_end: 19 });
    const seen = await kernel.request('inspect_request', { code: 'mashTun', cursor_pos: 7, detail_level: 0 });
    expect(seen.found).toBe(true);
    expect(JSON.stringify(seen.data)).toContain('Litres of mash.');
  });
});

function isRefused(wire: Wire, parts: Buffer[]): boolean {
  try {
    wire.read(parts);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedMessage);
    return true;
  }
}

/** Every request but those that end the kernel, and what is none. */
const TYPES = [
  ...['kernel_info', 'complete', 'inspect', 'is_complete', 'history', 'comm_info', 'execute', 'interrupt'].map(
    (name) => `${name}_request`,
  ),
  ...['comm_open', 'comm_msg', 'comm_close', 'input_reply', '__proto__', ''],
];
const FIELDS = [
  ...['code', 'cursor_pos', 'detail_level', 'hist_access_type', 'n', 'start', 'stop', 'session', 'pattern', 'unique'],
  ...[
    'output',
    'comm_id',
    'target_name',
    'data',
    'silent',
    'store_history',
    'user_expressions',
    'allow_stdin',
    'value',
  ],
];

/** A JSON value that nobody expects where it stands. */
function anything(random: RandomStream): unknown {
  const values = [null, true, -1, 1e300, 0.5, '', 'range', 'search', '*[', '__proto__', 'x'.repeat(300), [], [1], {}];
  return random.integer(15) === 0 ? { nested: { __proto__: anything(random) } } : random.choice(values);
}

/** One of the ways in which a message can be damaged. */
function mutate(parts: Buffer[], random: RandomStream): Buffer[] {
  const at = random.integer(parts.length);
  switch (random.integer(5)) {
    case 0:
      return parts.filter((_, index) => index !== at);
    case 1:
      return parts
        .map((part, index) => (index === at ? part.subarray(0, random.integer(part.length + 1)) : part))
        .concat(Buffer.from('x'), [])
        .slice(0, at + 1);
    case 2:
      return [...parts.slice(0, at), Buffer.from('{"a":'), ...parts.slice(at)];
    case 3:
      return Array.from({ length: random.integer(9) + 1 }, () =>
        Buffer.from(Array.from({ length: random.integer(40) }, () => random.integer(256))),
      );
    default: {
      const changed = Buffer.from(parts[at]!);
      if (changed.length > 0) changed[random.integer(changed.length)]! ^= 1 << random.integer(8);
      return parts.map((part, index) => (index === at ? changed : part));
    }
  }
}
