/** CONTRIBUTING.md stays true: its examples compile against the tree, its paths and commands are there. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
const examples = new Map(
  [...text.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, file, code]) => [join(root, file!), code!]),
);
const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');

/** What the compiler says of the examples, laid over the files of the project. */
function complaints(): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, directoryExists } = host;
  host.readFile = (file) => examples.get(file) ?? readFile(file);
  host.fileExists = (file) => examples.has(file) || fileExists(file);
  host.directoryExists = (folder) =>
    [...examples.keys()].some((file) => dirname(file) === folder) || (directoryExists?.(folder) ?? false);
  const program = ts.createProgram([...examples.keys()], options, host);
  return [...examples.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
}

describe('CONTRIBUTING.md', () => {
  it('has an example of a method, a network, a dataset, a chart, a table and tests', () => {
    const folders = [...examples.keys()].map((file) => file.slice(root.length + 1).replace(/\/[^/]+$/, ''));
    expect(folders.sort()).toEqual([
      ...['src/charts', 'src/datasets', 'src/experiments/diffusion-driven-selection', 'src/methods', 'src/models'],
      ...['tests/diffusion', 'tests/methods'],
    ]);
  });

  it('has examples that compile', () => {
    expect(complaints()).toEqual([]);
  });

  it('names files and folders that are there', () => {
    const named = [...prose.matchAll(/`((?:src|tests|data|kernels-config)\/[\w./-]*\w)`/g)].map(([, path]) => path!);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('names commands that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...prose.matchAll(/`npm (?:run )?([\w:]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
