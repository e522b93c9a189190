/** The check of Node's version. In its own file, because an old Node may fail on the imports of the others. */
import { SetupProblem } from './problem.mjs';

const OLDEST_NODE = [20, 19];

/** @throws {SetupProblem} when this Node is too old, or the operating system is not supported */
export function checkNode(version = process.versions.node, platform = process.platform) {
  if (platform === 'win32') {
    throw new SetupProblem('Windows itself is not supported.', 'Use the Windows Subsystem for Linux: wsl --install');
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new SetupProblem(
      `Node ${version} is too old; ${OLDEST_NODE.join('.')} or newer is needed.`,
      'Install Node 22 (nvm install 22; or from nodejs.org) and run the same command again.',
    );
  }
}
