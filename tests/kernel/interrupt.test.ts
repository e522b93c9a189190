import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary';
import { type Execution, KernelClient } from './helpers/kernel-client';

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start({ env: { STILLHOUSE_NODE_OPTIONS: '--max-old-space-size=150' } });
  await kernel.execute("const kept = 42; let n = 0; import { breathe } from './src/engine/progress'");
});
afterAll(async () => {
  await kernel.close();
});

/** Runs a cell that never ends, and interrupts it once it has said that it is running. How fast: `npm run bench -- kernel`. */
async function interrupted(code: string): Promise<Execution> {
  const mark = `running ${Math.random()}`;
  const execution = kernel.execute(`console.log('${mark}');\n${code}`);
  const running = kernel.until(({ type, content }) => type === 'stream' && String(content.text).includes(mark));
  const ended = await Promise.race([running, execution]);
  if ('reply' in ended) throw new Error(`Expected a cell that goes on, it ended: ${JSON.stringify(ended.reply)}`);
  await kernel.interrupt();
  return execution;
}

describe('an interrupt', () => {
  it.each([
    ['a synchronous loop', 'while (true) {}'],
    ['a synchronous loop after an await', 'await 1; for (;;) n++'],
    ['a synchronous loop in a timer', 'await new Promise(() => setTimeout(() => { do {} while (true) }, 1))'],
    ['a loop in a function of the cell', 'function spin(): never { for (;;); }\nspin()'],
    ['a loop that catches errors', 'while (true) { try { while (true) {} } catch {} }'],
    ['a synchronous loop outside of cells', "new Function('while (true) {}')()"],
    ['such a loop after an await', "await new Promise((r) => setTimeout(r, 1)); new Function('while (true) {}')()"],
    ['an asynchronous loop', 'while (true) { n++; await new Promise((r) => setTimeout(r, 1)) }'],
    ['a promise that never settles', 'setInterval(() => n++, 1); await new Promise(() => {})'],
    ['a library that looks at the signal', 'for (;;) await breathe()'],
    [
      'a native operation, at its end',
      'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700); for (;;) n++',
    ],
    ['a loop of microtasks', 'for (;;) await null'],
  ])('stops %s and keeps the state', async (_, code) => {
    const { reply } = await interrupted(code);
    expect(reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    const later = await kernel.execute(
      'const first = n; await new Promise((r) => setTimeout(r, 20)); [kept, n - first]',
    );
    expect(later.text).toBe('[ 42, 0 ]');
  });

  it('lets finally blocks run and keeps what the cell had declared', async () => {
    await interrupted('const half = 1; let cleaned = false; try { for (;;) await null; } finally { cleaned = true; }');
    expect((await kernel.execute('[half, cleaned]')).text).toBe('[ 1, true ]');
  });

  it('stops a training, which looks at the signal between its steps, and a native operation at its end', async () => {
    await kernel.execute(`import { tf } from './src/engine'; import { ConvNet, trainModule } from './src/models';
      const network = new ConvNet({ width: 8, depth: 1, size: 16, classes: 2 }, { seed: 0 }); let steps = 0;
      const images = tf.zeros([4, 16, 16, 3]);`);
    const training = await interrupted(
      "await trainModule(network, { label: 'long', steps: 1e6, learningRate: 1e-3, loss: () => { steps++; return tf.mean(network.forward(images)) } })",
    );
    expect(training.reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    const native = await interrupted(
      'const a = tf.ones([1200, 1200]); for (;;) tf.tidy(() => tf.matMul(a, a).dataSync())',
    );
    expect(native.reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    const later = await kernel.execute(
      'const then = steps; await new Promise((r) => setTimeout(r, 50)); [then > 0, steps - then, kept]',
    );
    expect(later.text).toBe('[ true, 0, 42 ]');
  });

  it('leaves TensorFlow usable when it ends one of its loops from outside', async () => {
    await kernel.execute(
      "import { tf } from './src/engine'; const weight = tf.variable(tf.scalar(3)); const tensors = tf.memory().numTensors",
    );
    const loop =
      "new Function('tf', 'const x = tf.ones([99, 99]); for (;;) tf.tidy(() => void tf.grad((x) => x.sum())(x))')(tf)";
    expect((await interrupted(loop)).reply).toMatchObject({ ename: 'Interrupted' });
    const later = await kernel.execute(
      'const { grads } = tf.variableGrads(() => weight.square().asScalar()); [Object.values(grads)[0]!.dataSync()[0], tf.memory().numTensors - tensors < 20]',
    );
    expect(later.text).toBe('[ 6, true ]');
  });

  it('reports the cells that waited behind the stopped one as aborted', async () => {
    const first = kernel.execute('console.log("go"); for (;;) await null');
    const second = kernel.execute('"must not run"');
    await kernel.until(({ type, content }) => type === 'stream' && content.text === 'go\n');
    await kernel.interrupt();
    expect((await first).reply.status).toBe('error');
    expect((await second).reply.status).toBe('aborted');
    expect((await kernel.execute('"runs"')).text).toBe("'runs'");
  });

  it('without a running cell does nothing', async () => {
    await kernel.interrupt();
    expect((await kernel.execute('kept')).text).toBe('42');
  });
});

describe('while a cell computes', () => {
  it('the kernel answers questions of every kind', async () => {
    const flag = join(temporaryFolder(), 'flag');
    const cell = kernel.execute(
      `import { existsSync } from 'node:fs'; console.log("busy"); while (!existsSync('${flag}')); "over"`,
    );
    await kernel.until(({ type, content }) => type === 'stream' && content.text === 'busy\n');
    const answers = await Promise.all([
      kernel.request('kernel_info_request'),
      kernel.request('complete_request', { code: 'kep', cursor_pos: 3 }),
      kernel.request('inspect_request', { code: 'kept', cursor_pos: 2, detail_level: 0 }),
      kernel.request('is_complete_request', { code: '(' }),
      kernel.request('comm_info_request'),
    ]);
    const running = kernel.published.every(
      ({ content }) => (content.data as { 'text/plain'?: string })?.['text/plain'] !== "'over'",
    );
    expect(running).toBe(true);
    // What a front-end shows as the kernel's status is the latest that it has heard.
    const status = () => kernel.published.findLast(({ type }) => type === 'status')?.content.execution_state;
    await expect.poll(status, { interval: 5, timeout: 30_000 }).toBe('busy'); // It follows the last answer's own idle.
    expect(answers.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'incomplete', 'ok']);
    expect(answers[1]?.matches).toEqual(['kept']);
    writeFileSync(flag, '');
    expect((await cell).text).toBe("'over'");
    expect(status()).toBe('idle');
  });
});

describe('while a cell computes in TensorFlow', () => {
  // How fast: `npm run bench -- kernel`.
  it('heartbeat, kernel_info, completion, inspection and interrupt are answered, and do not wait for it', async () => {
    await kernel.execute("import { tf } from './src/engine'; const square = tf.ones([900, 900])", {
      answer: () => '',
    });
    let ended = false;
    const cell = kernel
      .execute('console.log("computing"); for (;;) tf.tidy(() => tf.matMul(square, square).dataSync())')
      .finally(() => {
        ended = true;
      });
    await kernel.until(({ type, content }) => type === 'stream' && content.text === 'computing\n');
    await kernel.beats();
    const info = await kernel.request('kernel_info_request', {}, 'control');
    const completed = await kernel.request('complete_request', { code: 'tf.matM', cursor_pos: 7 });
    const inspected = await kernel.request('inspect_request', { code: 'square', cursor_pos: 3, detail_level: 0 });
    expect([info, completed, inspected].map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
    expect(completed.matches).toContain('matMul');
    expect(inspected.found).toBe(true);
    expect(ended).toBe(false);
    await kernel.interrupt();
    expect((await cell).reply.ename).toBe('Interrupted');
  });
});

describe('the end of the cell process', () => {
  it.each([
    ['process.exit', 'process.exit(3)', 'ended by process.exit(3)'],
    ['an abort of native code', 'process.abort()', 'SIGABRT'],
    ['a kill', "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})", 'SIGKILL'],
    [
      'no memory left',
      'const hoard: number[][] = []; for (;;) hoard.push(new Array(1e5).fill(1.5))',
      'ran out of memory',
    ],
  ])('by %s fails the cell in words, and the kernel goes on', async (_, code, words) => {
    const { reply } = await kernel.execute(code);
    expect(reply).toMatchObject({ status: 'error', ename: 'CellProcessDied' });
    expect(reply.evalue).toContain(words);
    expect((await kernel.execute('kept')).reply.ename).toBe('TypeScriptError');
    const [, behind] = await Promise.all([kernel.execute('process.exit(0)'), kernel.execute('1')]);
    expect(behind.reply.status).toBe('aborted');
    expect((await kernel.execute('const kept = 42; let n = 0; kept')).text).toBe('42');
  });
});
