// `npm run doctor`: what is here, how fast it is, what is wrong and what mends it
import { spawnSync } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { deviceReport } from '../engine';
import { compilerVersion } from '../setup/binding.mjs';
import { wantedDevice } from '../setup/device.mjs';
import { cache, python, root, venv } from '../setup/paths.mjs';
import { engineOrigin } from '../setup/tensorflow.mjs';
import { findings } from './findings';
import { expectedSpeed, machine } from './machine';
import { measureSpeed } from './speed';

export { type Facts, type Finding, findings } from './findings';
export { expectedSpeed, type Machine, type MachineSources, machine } from './machine';
export { measureSpeed, type Speed } from './speed';

export interface DoctorOptions {
  /** Receives the lines. Default: writes to standard output. */
  say?: (line: string) => void;
  /** Finds the problems. Default: `findings`. */
  find?: typeof findings;
}

/**
 * Prints the report.
 * @returns the exit code: 0 when nothing is wrong, 1 otherwise.
 */
export async function doctor({ say = console.log, find = findings }: DoctorOptions = {}): Promise<number> {
  const row = (name: string, value: string) => say(`${name.padEnd(16)}${value}`);
  const load = loadavg()[0] ?? 0; // before we add to it
  const device = deviceReport();
  const processor = machine();
  const expected = device.kind === 'CPU' ? expectedSpeed(processor) : undefined;

  row('stillhouse', `${packageVersion(root)} in ${root}`);
  row('Node', `${device.node} (${device.platform})`);
  row('Python', `${outputOf(python, ['--version']).replace('Python ', '')} in ${venv}`);
  row('TensorFlow', `${device.tensorflow} under tfjs ${device.tfjs}`);
  row('  from', engineOrigin());
  row('  cache', cache);
  row('our kernels', device.kernels === undefined ? "none, TensorFlow's operations" : `version ${device.kernels}`);
  row('compiler', compilerVersion() ?? 'none');
  row('device', `${device.kind}: ${device.device}`);
  row('threads', `${device.threads} on ${Number(processor.cores.toFixed(1))} cores, ${processor.vectors}`);
  row('load', load.toFixed(1));

  const speeds = measureSpeed();
  for (const { name, gigaflops } of speeds) {
    const share = expected === undefined ? '' : `, ${Math.round((gigaflops / expected) * 100)} % of`;
    const peak = expected === undefined ? '' : ` ${Math.round(expected)} at ${processor.gigahertz?.toFixed(1)} GHz`;
    row(name, `${Math.round(gigaflops)} GF/s${share}${peak}`);
  }

  const { bavail, bsize } = statfsSync(root);
  const memory = { total: totalmem(), available: process.availableMemory() };
  row('memory', `${(memory.available / 1e9).toFixed(1)} of ${(memory.total / 1e9).toFixed(1)} GB free`);
  row('disk', `${((bavail * bsize) / 1e9).toFixed(1)} GB free`);

  const found = find({
    device,
    origin: engineOrigin(),
    wanted: wantedDevice(),
    speeds,
    expected,
    cores: processor.cores,
    load,
    memory,
    disk: bavail * bsize,
  });
  say(
    found.length === 0
      ? '\nNothing is wrong.'
      : `\n${found.length === 1 ? 'One problem' : `${found.length} problems`}:`,
  );
  for (const { what, remedy } of found) say(`  ${what}\n    → ${remedy}`);
  return found.length === 0 ? 0 : 1;
}

function packageVersion(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

function outputOf(program: string, args: string[]): string {
  return spawnSync(program, args, { encoding: 'utf8' }).stdout?.trim() || 'not there';
}
