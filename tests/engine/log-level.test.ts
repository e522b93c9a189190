import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** What reaches stderr when a process of its own loads the engine and computes. */
async function log(level: string | undefined): Promise<string> {
  const code = "import('./src/engine/index.ts').then(({ tf }) => tf.ones([1]).dataSync())";
  const { stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', code], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: level },
  });
  return stderr;
}

describe("TensorFlow's log", () => {
  it('is silent at its start, and speaks when it is asked to', async () => {
    const [unset, asked] = await Promise.all([log(undefined), log('0')]);
    expect(unset).toBe('');
    expect(asked).toMatch(/cpu_feature_guard/);
  });
});
