/**
 * Starts tslab, unchanged, for notebooks that import 'stillhouse': `node start.cjs CONNECTION_FILE`.
 *
 * tslab asks for modules by `require`, which can't load this library (its charts need ES modules that await at their
 * top level), and its TypeScript 5.0 does not know all that the library is written in. So a cell that names
 * 'stillhouse' waits until it has been imported as Node imports it, `require` then hands that over, and for tslab's
 * type checker the library's names have the type `any`.
 */
'use strict';
const Module = require('node:module');
const { join } = require('node:path');

const NAME = 'stillhouse';
const tslab = Module.createRequire(require.resolve('tslab/package.json'));
// The native library logs to stderr at start, which a notebook would show as an error.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';

/** Packages with an exports map (ml-kmeans, arquero) have types for tslab too, and 'stillhouse' has some. */
function patchTypes() {
  const file = tslab.resolve('@tslab/typescript-for-tslab');
  const ts = tslab('@tslab/typescript-for-tslab');
  const createWatchCompilerHost = (roots, options, ...rest) =>
    ts.createWatchCompilerHost(
      [...roots, join(__dirname, 'stillhouse.d.ts')],
      { ...options, moduleResolution: ts.ModuleResolutionKind.Bundler },
      ...rest,
    );
  const known = Object.getOwnPropertyDescriptors(ts);
  const patched = { ...known.createWatchCompilerHost, get: () => createWatchCompilerHost };
  require.cache[file].exports = Object.defineProperties({}, { ...known, createWatchCompilerHost: patched });
}

let library;
let loading;

/** Imports the library, TypeScript by tsx, once. */
function load() {
  loading ??= (async () => {
    const { register } = await import('tsx/esm/api');
    register();
    library = { __esModule: true, ...(await import(NAME)) };
  })();
  return loading;
}

function patchRequire() {
  const original = Module._load;
  Module._load = (request, ...rest) => (request === NAME && library ? library : original(request, ...rest));
  const executor = tslab('./dist/executor.js');
  const { createExecutor } = executor;
  executor.createExecutor = (...options) => {
    const made = createExecutor(...options);
    const { execute } = made;
    made.execute = async (source) => {
      if (new RegExp(`['"]${NAME}['"]`).test(source)) await load();
      return execute(source);
    };
    return made;
  };
}

patchTypes();
patchRequire();
tslab('./dist/main.js').startKernel({ configPath: process.argv[2], enableFindLocal: false });
