// What VS Code's Jupyter extension expects of a kernel that it starts itself (its wiki, "Kernels (Architecture)", and
// src/kernels/raw of microsoft/vscode-jupyter): it can't be run headless here, so its side is played.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { kernelPath } from './helpers/jupyter';
import { KernelClient } from './helpers/kernel-client';

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(async () => {
  await kernel.close();
});

it("the kernelspec names a program that is there, a language of VS Code's, and the connection file as one word", () => {
  for (const name of ['stillhouse', 'tslab']) {
    const file = join(kernelPath(), 'kernels', name, 'kernel.json');
    const spec = JSON.parse(readFileSync(file, 'utf8')) as { argv: string[]; language: string };
    expect(statSync(spec.argv[0]!).isFile()).toBe(true);
    expect(spec.argv).toContain('{connection_file}');
    expect(spec.language).toBe('typescript');
  }
});

it('after kernel_info the status is idle, and the language is the one of the kernelspec', async () => {
  const info = await kernel.request('kernel_info_request');
  expect(info).toMatchObject({ status: 'ok', language_info: { name: 'typescript', file_extension: '.ts' } });
  const states = kernel.published.filter(({ type }) => type === 'status').map(({ content }) => content.execution_state);
  expect(states.at(-1)).toBe('idle');
});

it('completions carry their kinds, in characters of the cell', async () => {
  const { metadata } = await kernel.request('complete_request', { code: 'const é = 1; Math.ma', cursor_pos: 20 });
  expect(metadata).toEqual({
    _jupyter_types_experimental: [expect.objectContaining({ text: 'max', type: 'function', start: 18, end: 20 })],
  });
});

it('an interrupt_request stops the cell on the shell channel too, where earlier versions sent it', async () => {
  const cell = kernel.execute('console.log("turning"); for (;;) await null');
  await kernel.until(({ type, content }) => type === 'stream' && content.text === 'turning\n');
  expect((await kernel.request('interrupt_request')).status).toBe('ok');
  expect((await cell).reply.ename).toBe('Interrupted');
});

it('a kernel that is killed, as VS Code does it to stop or restart one, leaves no process', async () => {
  const cell = Number((await kernel.execute('process.pid')).text);
  const busy = kernel.execute('for (;;) {}').catch(() => undefined);
  const alive = () => {
    try {
      return process.kill(cell, 0);
    } catch {
      return false;
    }
  };
  expect(alive()).toBe(true);
  kernel.process.kill('SIGKILL');
  await vi.waitFor(() => expect(alive()).toBe(false), { timeout: 60_000 });
  void busy;
});
