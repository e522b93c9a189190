/** The language service over the notebook's virtual modules and the files on disk. */
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { CellLanguage } from '../language';
import { packageName } from '../specifiers';
import type { Notebook } from './notebook';
import type { Outlines } from './outlines';

/** Switches checks off that suit libraries but not notebooks. Strict null checks stay as configured. */
const FOR_CELLS: ts.CompilerOptions = {
  // On, since it lets `let model = null` become anything later; its own errors are ignored (objections.ts).
  noImplicitAny: true,
  noImplicitThis: false,
  noImplicitOverride: false,
  noImplicitReturns: false,
  noFallthroughCasesInSwitch: false,
  noPropertyAccessFromIndexSignature: false,
  noUncheckedIndexedAccess: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
  exactOptionalPropertyTypes: false,
  strictBuiltinIteratorReturn: false,
  strictFunctionTypes: false,
  strictPropertyInitialization: false,
  useUnknownInCatchVariables: false,
  allowUnreachableCode: true,
  allowUnusedLabels: true,
  erasableSyntaxOnly: false,
};

/** Options of the nearest tsconfig.json above `folder`, else the project's, except those that don't suit cells. */
export function cellOptions(folder: string, root: string, language: CellLanguage): ts.CompilerOptions {
  const file = ts.findConfigFile(folder, ts.sys.fileExists) ?? join(root, 'tsconfig.json');
  const config = ts.readConfigFile(file, ts.sys.readFile);
  const json = (config.config ?? {}) as { compilerOptions?: object; extends?: unknown };
  const { options } = ts.parseJsonConfigFileContent(
    { compilerOptions: json.compilerOptions, extends: json.extends, files: [] },
    ts.sys,
    dirname(file),
  );
  return {
    ...options,
    ...FOR_CELLS,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: options.target ?? ts.ScriptTarget.ES2023,
    sourceMap: true,
    inlineSourceMap: false,
    inlineSources: false,
    noEmit: false,
    noEmitOnError: false,
    declaration: false,
    composite: false,
    incremental: false,
    importHelpers: false,
    removeComments: false,
    preserveConstEnums: true,
    // Cells may import values and types in one statement.
    verbatimModuleSyntax: false,
    isolatedModules: false,
    allowImportingTsExtensions: true,
    ...(language === 'javascript'
      ? { allowJs: true, checkJs: true, rootDir: folder, outDir: join(folder, '.compiled') }
      : {}),
    typeRoots: options.typeRoots ?? [join(root, 'node_modules', '@types')],
    types: options.types ?? ['node'],
  };
}

/** A language service, and how to make it read the disk again. */
export interface NotebookService {
  service: ts.LanguageService;
  /** Whether a cell that imports this module would find its types. */
  isTyped(module: string): boolean;
  /** Forgets cached files outside node_modules. */
  reread(): void;
}

/** A language service whose project is `notebook`. Files on disk are read once; a kernel restart picks up edits. */
export function createService(
  notebook: Notebook,
  options: ts.CompilerOptions,
  root: string,
  documents: ts.DocumentRegistry,
  outlines: Outlines,
): NotebookService {
  let generation = 0;
  const snapshots = new Map<string, ts.IScriptSnapshot | undefined>();
  const folders = new Map<string, boolean>();
  const present = new Map<string, boolean>();
  const disk = <T>(cache: Map<string, T>, key: string, ask: (key: string) => T): T => {
    const known = cache.get(key);
    if (known !== undefined) return known;
    const value = ask(key);
    cache.set(key, value);
    return value;
  };
  const virtual = new Map<string, { version: number; snapshot: ts.IScriptSnapshot }>();
  const moduleHost: ts.ModuleResolutionHost = {
    fileExists: (file) => notebook.files.has(file) || disk(present, file, ts.sys.fileExists),
    readFile: (file) => notebook.files.get(file)?.text ?? ts.sys.readFile(file),
    directoryExists: (folder) => folder === notebook.folder || disk(folders, folder, ts.sys.directoryExists),
    getDirectories: ts.sys.getDirectories,
    ...(ts.sys.realpath ? { realpath: ts.sys.realpath } : {}),
  };
  const resolutions = ts.createModuleResolutionCache(notebook.folder, (file) => file, options);
  const resolve = (name: string, from: string): ts.ResolvedModuleWithFailedLookupLocations =>
    ts.resolveModuleName(name, from, options, moduleHost, resolutions);
  /** Lets a notebook anywhere find the project and its packages. */
  const fallback = join(root, 'package.json');
  const find = (name: string, from: string, ofCell = notebook.files.has(from)) => {
    const found = resolve(name, from);
    if (found.resolvedModule || name.startsWith('.') || !ofCell) return found;
    const instead = resolve(name, fallback);
    return instead.resolvedModule ? instead : found;
  };
  const host: ts.LanguageServiceHost & { getModuleResolutionCache(): ts.ModuleResolutionCache } = {
    // Without it TypeScript reads every package.json again for each cell: 840 files after tfjs.
    getModuleResolutionCache: () => resolutions,
    fileExists: moduleHost.fileExists,
    readFile: moduleHost.readFile,
    directoryExists: (folder) => moduleHost.directoryExists!(folder),
    getDirectories: ts.sys.getDirectories,
    readDirectory: ts.sys.readDirectory,
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...notebook.files.keys()],
    getScriptVersion: (file) =>
      notebook.files.has(file) || file.includes('/node_modules/')
        ? String(notebook.files.get(file)?.version ?? 0)
        : `disk ${generation}`,
    getScriptSnapshot: (file) => {
      const own = notebook.files.get(file);
      if (own === undefined) {
        if (!snapshots.has(file)) {
          const text = ts.sys.readFile(file);
          snapshots.set(file, text === undefined ? undefined : ts.ScriptSnapshot.fromString(outlines.of(file, text)));
        }
        return snapshots.get(file);
      }
      const known = virtual.get(file);
      if (known?.version === own.version) return known.snapshot;
      const snapshot = ts.ScriptSnapshot.fromString(own.text);
      virtual.set(file, { version: own.version, snapshot });
      return snapshot;
    },
    getCurrentDirectory: () => notebook.folder,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    resolveModuleNameLiterals: (literals, from) => literals.map(({ text }) => find(packageName(text), from)),
  };
  return {
    service: ts.createLanguageService(host, documents),
    isTyped: (module) => {
      const found = find(module, join(notebook.folder, 'cell.ts'), true).resolvedModule;
      return found !== undefined && !/\.[cm]?jsx?$/.test(found.extension);
    },
    reread: () => {
      generation++;
      for (const cache of [snapshots, folders, present]) {
        for (const file of cache.keys()) if (!file.includes('/node_modules/')) cache.delete(file);
      }
      resolutions.clear();
    },
  };
}
