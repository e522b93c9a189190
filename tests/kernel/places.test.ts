import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KernelClient, ROOT } from './helpers/kernel-client';
import { temporaryFolder } from '../helpers/temporary';

/** Runs `body` against a kernel whose notebook lies in `cwd`. */
async function inFolder(cwd: string, body: (kernel: KernelClient) => Promise<void>, env = {}): Promise<void> {
  const kernel = await KernelClient.start({ cwd, env });
  try {
    await body(kernel);
  } finally {
    await kernel.close();
  }
}

it("a notebook in a subfolder imports '../src/x', and the library and TensorFlow with their types", async () => {
  await inFolder(join(ROOT, 'notebooks'), async (kernel) => {
    const near = await kernel.execute("import { Wire } from '../src/kernel/protocol/message'; typeof Wire");
    expect(near.text).toBe("'function'");
    // By whatever name, the library is one; and a frame in it is named by its source.
    const same =
      "import * as near from '../src/methods'; import { methods } from 'stillhouse'; near.rankedClusters === methods.rankedClusters";
    expect((await kernel.execute(same)).text).toBe('true');
    const { traceback } = (await kernel.execute('near.rankedClusters([], [1], { clusters: 1 })')).reply;
    expect((traceback as string[]).join('\n')).toMatch(
      /at Module\.rankedClusters \(.*\/src\/methods\/.*cluster\.ts:\d+:\d+\)/,
    );
    const tf = await kernel.execute(
      "import * as tf from '@tensorflow/tfjs-node-gpu'; const t: tf.Tensor2D = tf.tensor2d([[1, 2]]); t.shape satisfies [number, number]",
    );
    expect(tf.text).toBe('[ 1, 2 ]');
    expect((await kernel.execute('tf.tensor2d("x")')).reply.evalue).toContain("Argument of type 'string'");
  });
});

it("a notebook anywhere imports 'stillhouse', typed and documented, and a file beside it, anew after a restart", async () => {
  const folder = temporaryFolder();
  const write = (value: string) => writeFileSync(join(folder, 'mine.ts'), `export const value = ${value};`);
  const env = { STILLHOUSE_HISTORY: join(folder, 'history.jsonl') };
  write('1');
  const ask = "import { value } from './mine'; value satisfies number";
  await inFolder(
    folder,
    async (kernel) => {
      const wrong = await kernel.execute("import { barChart } from 'stillhouse'; barChart([], {})");
      expect(wrong.reply.evalue).toMatch(/TS2345: Argument of type '\{\}' is not assignable to .*BarChartOptions/);
      const right = await kernel.execute("import { barChart } from 'stillhouse'; typeof barChart");
      expect(right.text).toBe("'function'");
      const seen = await kernel.request('inspect_request', { code: 'barChart', cursor_pos: 4, detail_level: 0 });
      expect(JSON.stringify(seen.data)).toContain('@example');
      expect((await kernel.execute(ask)).text).toBe('1');
      // The cell process starts anew, and the compiler looks at the disk again.
      write("'text'");
      expect((await kernel.execute('process.exit(0)')).reply.ename).toBe('CellProcessDied');
      expect((await kernel.execute(ask)).reply.evalue).toContain("Type 'string' does not satisfy");
      write('2');
    },
    env,
  );
  await inFolder(
    folder,
    async (kernel) => {
      expect((await kernel.execute(ask)).text).toBe('2');
      const tail = { hist_access_type: 'tail', n: 3, output: false, raw: true };
      const { history } = await kernel.request('history_request', tail);
      expect(history).toEqual([
        [1, 4, 'process.exit(0)'],
        [1, 5, ask],
        [2, 1, ask],
      ]);
    },
    env,
  );
});
