/**
 * Starts tslab, unchanged, for notebooks that import 'stillhouse': `node start.cjs CONNECTION_FILE`.
 *
 * tslab loads modules by `require`, which can't load this library (its charts need ES modules with top-level await), and
 * its TypeScript 5.0 doesn't know all syntax that the library uses. So a cell that names 'stillhouse' waits until Node has
 * imported the library, `require` then returns that module, and for tslab's type checker its names have the type `any`.
 */
'use strict';
const Module = require('node:module');
const { join } = require('node:path');

const NAME = 'stillhouse';
const tslab = Module.createRequire(require.resolve('tslab/package.json'));
// The native library logs to stderr at start, which a notebook would show as an error.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';

/** Lets tslab's type checker find the types of 'stillhouse' and of packages with an exports map (ml-kmeans, arquero). */
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

/** Imports the library once, with tsx for TypeScript. */
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
