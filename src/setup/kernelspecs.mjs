/** The Jupyter kernels of this clone, installed into its own .venv. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, venv } from './paths.mjs';
import { isDone, markDone } from './stamp.mjs';

const templates = join(root, 'kernels-config');
const target = join(venv, 'share', 'jupyter', 'kernels');
const names = () => readdirSync(templates).filter((name) => existsSync(join(templates, name, 'kernel.json')));

/** The template of a kernelspec, filled in with this clone's Node and folder. */
function filled(name) {
  const text = readFileSync(join(templates, name, 'kernel.json'), 'utf8');
  const quoted = (value) => JSON.stringify(value).slice(1, -1);
  return text.replaceAll('{node}', quoted(process.execPath)).replaceAll('{root}', quoted(root));
}

/** A line for a .pth file, through which the project's Python finds papermill's translator for TypeScript parameters. */
const hook = `import site; site.addsitedir(${JSON.stringify(join(templates, 'papermill'))})\n`;
const hooks = () =>
  readdirSync(join(venv, 'lib'))
    .filter((name) => name.startsWith('python'))
    .map((name) => join(venv, 'lib', name, 'site-packages', 'stillhouse.pth'));

export const kernelspecsAreReady = () =>
  hooks().every((file) => isDone(file, hook)) &&
  names().every((name) => isDone(join(target, name, 'kernel.json'), filled(name)));

export function installKernelspecs() {
  for (const file of hooks()) markDone(file, hook);
  for (const name of names()) {
    mkdirSync(join(target, name), { recursive: true });
    cpSync(join(templates, name), join(target, name), { recursive: true });
    markDone(join(target, name, 'kernel.json'), filled(name));
  }
}
