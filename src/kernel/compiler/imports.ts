/** Finds what cells import before they are checked, so that loading and parsing can begin early. */
import { readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, sep } from 'node:path';
import ts from 'typescript';
import { isOfGlobals } from './declarations';

/** A larger notebook isn't searched for imports, bytes. */
const LARGEST = 50_000_000;

/** The modules that a cell's import declarations name. @param options.values leave out type-only imports */
export function importedModules(source: ts.SourceFile, { values = false }: { values?: boolean } = {}): string[] {
  const found = source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    return values && isOfTypes(statement.importClause) ? [] : [statement.moduleSpecifier.text];
  });
  return [...new Set(found)];
}

/** Whether a text adds no files or globals to a program. Node's own modules don't count, as they are always there. */
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
 * The modules that may be loaded before the cell has passed its check: packages and the project's own library.
 * A module beside the notebook is the user's script, which must not run if the cell doesn't.
 */
export function loadableEarly(modules: readonly string[], folder: string, root: string): string[] {
  const library = join(root, 'src') + sep;
  return modules.filter((name) => {
    if (name.startsWith('.')) return join(folder, name).startsWith(library);
    return !/^(?:\/|(?!npm:)[a-z]+:)/.test(name) && !isBuiltin(name);
  });
}

/** The modules that a notebook's code cells import; none if the file can't be read. */
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
    return []; // A new or unsaved notebook, or another file: imports are then found cell by cell.
  }
}

function isOfTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause?.isTypeOnly) return true;
  if (clause === undefined || clause.name) return false;
  const bindings = clause.namedBindings;
  return bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.every((e) => e.isTypeOnly);
}
