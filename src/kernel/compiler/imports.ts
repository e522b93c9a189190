/** What cells import, seen before they are checked: so that loading and parsing can begin early. */
import { readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, sep } from 'node:path';
import ts from 'typescript';
import { isOfGlobals } from './declarations';

/** A notebook larger than this isn't looked into, bytes. */
const LARGEST = 50_000_000;

/** The modules that a cell's import declarations name. `values`: only those of which something exists at run time. */
export function importedModules(source: ts.SourceFile, { values = false }: { values?: boolean } = {}): string[] {
  const found = source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    return values && isOfTypes(statement.importClause) ? [] : [statement.moduleSpecifier.text];
  });
  return [...new Set(found)];
}

/** Whether a text brings nothing into a program: no package, no file, no declaration of globals. Node's own modules are there. */
export function importsNothing(source: ts.SourceFile): boolean {
  const ofNode = (name: ts.Node | undefined): boolean =>
    name !== undefined && ts.isStringLiteralLike(name) && isBuiltin(name.text);
  const fine = (node: ts.Node): boolean => {
    if (ts.isImportDeclaration(node) && !ofNode(node.moduleSpecifier)) return false;
    if (ts.isExportDeclaration(node) && node.moduleSpecifier && !ofNode(node.moduleSpecifier)) return false;
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      if (!ofNode(node.arguments[0])) return false;
    }
    if (ts.isImportTypeNode(node) || ts.isImportEqualsDeclaration(node)) return false;
    if (ts.isModuleDeclaration(node) && (ts.isStringLiteral(node.name) || isOfGlobals(node))) return false;
    return !ts.forEachChild(node, (child) => !fine(child) || undefined);
  };
  return source.referencedFiles.length + source.typeReferenceDirectives.length === 0 && fine(source);
}

/**
 * Those modules that may be loaded before the cell has passed its check: packages and the project's own library.
 * A module that lies beside the notebook is a person's script, which runs with the cell or not at all.
 */
export function loadableEarly(modules: readonly string[], folder: string, root: string): string[] {
  const library = join(root, 'src') + sep;
  return modules.filter((name) => {
    if (name.startsWith('.')) return join(folder, name).startsWith(library);
    return !/^(?:\/|(?!npm:)[a-z]+:)/.test(name) && !isBuiltin(name);
  });
}

/** What the code cells of a notebook import; nothing if it can't be read. */
export function notebookImports(file: string): string[] {
  try {
    if (statSync(file).size > LARGEST) return [];
    const { cells } = JSON.parse(readFileSync(file, 'utf8')) as { cells: { cell_type: string; source: unknown }[] };
    const sources = cells
      .filter((cell) => cell.cell_type === 'code')
      .map(({ source }) => (Array.isArray(source) ? source.join('') : String(source)));
    const trees = sources.map((text) => ts.createSourceFile('cell.ts', text, ts.ScriptTarget.Latest));
    return [...new Set(trees.flatMap((tree) => importedModules(tree)))];
  } catch {
    return []; // New, not yet saved, or no notebook at all: the cells say soon enough what they import.
  }
}

function isOfTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause?.isTypeOnly) return true;
  if (clause === undefined || clause.name) return false;
  const bindings = clause.namedBindings;
  return bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.every((e) => e.isTypeOnly);
}
