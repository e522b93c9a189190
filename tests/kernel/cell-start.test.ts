import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary';
import { KernelClient } from './helpers/kernel-client';

let kernel: KernelClient | undefined;
afterEach(async () => {
  await kernel?.close();
  kernel = undefined;
});

/** A kernel whose cell processes run a line before their own program, and note that they began. */
async function kernelThat(line: string) {
  const folder = temporaryFolder();
  const [begun, file] = [join(folder, 'begun'), join(folder, 'first.cjs')];
  writeFileSync(begun, '');
  writeFileSync(
    file,
    `const fs = require('node:fs'); require('node:worker_threads').isMainThread && (fs.appendFileSync('${begun}', 'x'), (() => { ${line} })());`,
  );
  kernel = await KernelClient.start({ env: { STILLHOUSE_NODE_OPTIONS: `--require ${file}` } });
  return { kernel, begun: () => readFileSync(begun, 'utf8').length, mend: () => writeFileSync(file, '') };
}

describe('a cell process that ends before it is ready', () => {
  it('fails the cell that waits for it, with what it said', async () => {
    kernel = await KernelClient.start({ env: { STILLHOUSE_NODE_OPTIONS: '--max-old-space-size=8G' } });
    const { reply } = await kernel.execute('1 + 1');
    expect(reply).toMatchObject({ status: 'error', ename: 'CellProcessDied' });
    expect(reply.evalue).toContain('STILLHOUSE_NODE_OPTIONS, which is "--max-old-space-size=8G"');
    expect(reply.evalue).toContain('illegal value for flag');
  });

  it('is not started again without end: the next cell tries, and finds the cause gone', async () => {
    const { kernel, begun, mend } = await kernelThat("console.error('no licence'); process.exit(3)");
    expect((await kernel.execute('1 + 1')).reply.evalue).toContain('no licence');
    // One that is started again and again is never quiet for two seconds.
    for (let seen = 0; seen !== begun(); ) {
      seen = begun();
      await new Promise((done) => setTimeout(done, 2000));
    }
    expect(begun()).toBeLessThan(6);
    expect((await kernel.execute('1 + 1')).reply.status).toBe('error');
    mend();
    expect((await kernel.execute('1 + 1')).text).toBe('2');
  });
});

it('an interrupt ends the wait for a cell process that is slow to begin', async () => {
  const { kernel } = await kernelThat('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)');
  const execution = kernel.execute('1 + 1');
  // By then the cell is compiled.
  await new Promise((done) => setTimeout(done, 4000));
  await kernel.interrupt();
  expect((await execution).reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
});
