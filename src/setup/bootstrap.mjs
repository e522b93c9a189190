/**
 * Makes a fresh clone ready to run, with nothing but Node, Python 3 and a C++ compiler: npm packages, the project's own
 * Python, the native TensorFlow, the Jupyter kernels. Done steps cost a hash; an interrupted set-up goes on where it was.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installKernelspecs, kernelspecsAreReady } from './kernelspecs.mjs';
import { withLock } from './lock.mjs';
import { local, root } from './paths.mjs';
import { SetupProblem } from './problem.mjs';
import { preparePython, pythonIsReady } from './python.mjs';
import { runCommand } from './run-command.mjs';
import { fingerprint, isDone, markDone } from './stamp.mjs';
import { prepareTensorflow, tensorflowIsReady, wantedDevice } from './tensorflow.mjs';

const OLDEST_NODE = [20, 19];
const packagesStamp = join(root, 'node_modules', '.stillhouse-packages');
const packagesWanted = () => fingerprint({ file: join(root, 'package-lock.json') }, process.platform, process.arch);
const packagesAreReady = () => existsSync(join(root, 'node_modules')) && isDone(packagesStamp, packagesWanted());

/**
 * @param {{ lab?: boolean }} [options] lab: JupyterLab too
 * @throws {SetupProblem} naming what is missing and the command that mends it
 */
export async function bootstrap({ lab = false } = {}) {
  checkNode();
  const device = wantedDevice();
  const ready = () => packagesAreReady() && pythonIsReady(lab) && tensorflowIsReady(device) && kernelspecsAreReady();
  if (ready()) return;
  await withLock(
    join(local, 'setup.lock'),
    async () => {
      if (ready()) return;
      process.stderr.write('Setting up (once):\n');
      await preparePackages();
      await preparePython(lab);
      await prepareTensorflow(device);
      installKernelspecs();
      process.stderr.write('Set up.\n');
    },
    { onWait: (owner) => process.stderr.write(`Waiting for process ${owner}, which is setting up this clone …\n`) },
  );
}

export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new SetupProblem(
      `Node ${version} is too old.`,
      `Install Node ${OLDEST_NODE.join('.')} or newer (20 LTS or 22 LTS).`,
    );
  }
}

async function preparePackages() {
  if (packagesAreReady()) return;
  await runCommand(
    'npm packages',
    process.platform === 'win32' ? 'npm.cmd' : 'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      cwd: root,
      remedy: 'Check the network (npm reaches its registry?) and run the same command again.',
    },
  );
  markDone(packagesStamp, packagesWanted());
}
