import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { wantedDevice } from '../../src/setup/device.mjs';

it('never begins below the suite: a clone that lacks something says so', () => {
  const cli = resolve(import.meta.dirname, '../../src/cli.mjs');
  // The TensorFlow that this clone does not have.
  const env = { ...process.env, STILLHOUSE_DEVICE: wantedDevice() === 'gpu' ? 'cpu' : 'gpu' };
  const { status, stderr } = spawnSync(process.execPath, [cli, 'setup'], { encoding: 'utf8', env });
  expect(status).toBe(1);
  expect(stderr).toMatch(/not set up, and STILLHOUSE_SETUP=never.*\n.*npm run setup/);
});
