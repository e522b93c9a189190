/**
 * Makes a fresh clone ready to run, with nothing but Node, Python 3 and a C++ compiler: npm packages, the project's own
 * Python, the native TensorFlow, the Jupyter kernels. A finished step costs a hash; an interrupted set-up resumes.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { wantedDevice } from './device.mjs';
import { installKernelspecs, kernelspecsAreReady } from './kernelspecs.mjs';
import { withLock } from './lock.mjs';
import { packagesAreReady, preparePackages } from './packages.mjs';
import { local, root } from './paths.mjs';
import { fileProblem, SetupProblem } from './problem.mjs';
import { preparePython, pythonIsReady } from './python.mjs';
import { prepareTensorflow, tensorflowIsReady } from './tensorflow.mjs';
import { checkSpace } from './wheel-cache.mjs';

/** node_modules (0.5 GB) and .venv (0.2 GB), bytes. */
const CLONE_NEEDS = 0.8e9;

/**
 * @param {{ lab?: boolean }} [options] lab: install JupyterLab too
 * @throws {import('./problem.mjs').SetupProblem} naming what is missing and the command that mends it
 */
export async function bootstrap({ lab = false } = {}) {
  const device = wantedDevice();
  const ready = () => packagesAreReady() && pythonIsReady(lab) && tensorflowIsReady(device) && kernelspecsAreReady();
  if (ready()) return;
  if (process.env.STILLHOUSE_SETUP === 'never')
    throw new SetupProblem('This clone is not set up, and STILLHOUSE_SETUP=never, as in tests.', 'Run: npm run setup');
  const start = Date.now();
  const onWait = (owner) => process.stderr.write(`Waiting for process ${owner}, which is setting up this clone …\n`);
  const work = async () => {
    if (ready()) return;
    process.stderr.write('Setting up this clone, once (two to five minutes with downloads):\n');
    if (!packagesAreReady()) checkSpace(root, CLONE_NEEDS);
    await preparePackages();
    await preparePython(lab);
    await prepareTensorflow(device);
    installKernelspecs();
    process.stderr.write(`Set up in ${Math.round((Date.now() - start) / 1000)} s.\n`);
  };
  try {
    mkdirSync(local, { recursive: true });
    await withLock(join(local, 'setup.lock'), work, { onWait });
  } catch (error) {
    throw fileProblem(error, root);
  }
}
