import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary';
import { KernelClient } from './helpers/kernel-client';

const folder = temporaryFolder();
let kernel: KernelClient;
beforeAll(async () => {
  mkdirSync(join(folder, 'node_modules', 'beside'), { recursive: true });
  writeFileSync(join(folder, 'node_modules', 'beside', 'index.js'), "module.exports = 'beside'");
  writeFileSync(join(folder, 'common.js'), 'exports.a = 1');
  writeFileSync(join(folder, 'typed.ts'), 'export const b: number = 2');
  kernel = await KernelClient.start({ cwd: folder, language: 'javascript' });
});
afterAll(async () => {
  expect(await kernel.close()).toBe(0);
});

describe('the kernel for JavaScript', () => {
  it('says so', async () => {
    const { language_info } = await kernel.request('kernel_info_request');
    expect(language_info).toMatchObject({ name: 'javascript', file_extension: '.js', mimetype: 'text/javascript' });
  });

  it('runs JavaScript, and refuses an unknown name before it runs', async () => {
    expect((await kernel.execute("let now = 1; now += 'x'; now")).text).toBe("'1x'");
    const { reply, stdout } = await kernel.execute("console.log('ran'); nowhere");
    expect(reply).toMatchObject({ status: 'error', ename: 'JavaScriptError' });
    expect(reply.evalue).toMatch(/^TS2304: Cannot find name 'nowhere'/);
    expect(stdout).toBe('');
    expect((await kernel.request('complete_request', { code: 'no', cursor_pos: 2 })).matches).toContain('now');
  });

  it.each([
    ["const tslab = require('tslab'); typeof tslab.display.html", "'function'"],
    ["require('tslab') === tslab", 'true'],
    ["require('beside')", "'beside'"],
    ["require('./common').a", '1'],
    ["require('./typed').b", '2'],
    ["require('node:fs') === require('fs')", 'true'],
    ["const { kmeans } = require('ml-kmeans'); typeof kmeans", "'function'"],
    ["require('ml-kmeans') === (await import('ml-kmeans'))", 'true'],
    ["typeof require('vega').View", "'function'"],
    ["typeof require('sharp')", "'function'"],
    ["require.resolve('tslab').endsWith('.js')", 'true'],
  ])('requires what it could import, from a folder outside the project: %s', async (code, text) => {
    const { reply, text: shown } = await kernel.execute(code);
    expect(reply.evalue).toBeUndefined();
    expect(shown).toBe(text);
  });

  it("requires the project's library, the same one that it imports", async () => {
    const { reply, text } = await kernel.execute("require('stillhouse').show === (await import('stillhouse')).show");
    expect(reply.evalue).toBeUndefined();
    expect(text).toBe('true');
  });

  it('says what it has not found', async () => {
    const { reply } = await kernel.execute("require('no-such-package')");
    expect(reply.evalue).toMatch(/^Cannot find module 'no-such-package'/);
    expect((reply.traceback as string[]).join('\n')).toContain("> 1 | require('no-such-package')");
  });
});
