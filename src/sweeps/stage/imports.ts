/** What a module imports by relative path, name by name, and what it exports. */
import type * as TypeScript from 'typescript';

/** All of a module: a namespace, a side effect, `import('…')`, `export *`. */
export const ALL = '*';

/** One module that another imports from. */
export interface Import {
  /** As written, or where that leads. */
  from: string;
  /** Names as the other module exports them. */
  names: readonly string[] | typeof ALL;
}

export interface Links {
  imports: Import[];
  /** Names of the module's own exports, types left out. */
  exports: string[];
  /**
   * Whether the module only re-exports by relative path and under the same names: then it holds no code, and what it
   * names elsewhere is all that it is.
   */
  isIndex: boolean;
}

/** Reads the links of a module: statically, by re-export, or by `import('…')`. Types-only imports don't count. */
export function importsOf(ts: typeof TypeScript, path: string, text: string): Links {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, false);
  const imports: Import[] = [];
  const exports: string[] = [];
  let isIndex = file.statements.length > 0;
  const take = (specifier: TypeScript.Node | undefined, names: Import['names']): boolean => {
    if (!specifier || !ts.isStringLiteralLike(specifier) || !/^\.\.?(\/|$)/.test(specifier.text)) return false;
    imports.push({ from: specifier.text, names });
    return true;
  };

  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) {
      isIndex = false;
      const { importClause: clause, moduleSpecifier } = statement;
      if (!clause?.isTypeOnly) take(moduleSpecifier, clause ? importedNames(ts, clause) : ALL);
    } else if (ts.isExportDeclaration(statement)) {
      if (statement.isTypeOnly) continue;
      const { exportClause: clause, moduleSpecifier } = statement;
      const listed = clause && ts.isNamedExports(clause) ? clause.elements.filter(({ isTypeOnly }) => !isTypeOnly) : [];
      const renames = (clause && !ts.isNamedExports(clause)) || listed.some(({ propertyName }) => propertyName);
      if (!moduleSpecifier) exports.push(...listed.map(({ name }) => name.text));
      const names = clause && ts.isNamedExports(clause) ? listed.map(originalName) : ALL;
      const follows = take(moduleSpecifier, names);
      if (!follows || renames) isIndex = false;
    } else {
      const declared = exportedNames(ts, statement);
      exports.push(...declared);
      if (!isType(ts, statement)) isIndex = false;
    }
  }

  const visit = (node: TypeScript.Node) => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) take(node.arguments[0], ALL);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { imports, exports, isIndex };
}

function importedNames(ts: typeof TypeScript, clause: TypeScript.ImportClause): Import['names'] {
  const { name, namedBindings: bindings } = clause;
  if (bindings && ts.isNamespaceImport(bindings)) return ALL;
  const listed = bindings?.elements.filter(({ isTypeOnly }) => !isTypeOnly).map(originalName) ?? [];
  return name ? ['default', ...listed] : listed;
}

/** The name in the module that it comes from: `a` of `{ a as b }`. */
const originalName = ({ name, propertyName }: TypeScript.ImportSpecifier | TypeScript.ExportSpecifier): string =>
  (propertyName ?? name).text;

/** Names that a statement exports by its own declaration. */
function exportedNames(ts: typeof TypeScript, statement: TypeScript.Statement): string[] {
  if (ts.isExportAssignment(statement)) return ['default'];
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  const has = (kind: TypeScript.SyntaxKind) => modifiers?.some((modifier) => modifier.kind === kind);
  if (!has(ts.SyntaxKind.ExportKeyword)) return [];
  if (has(ts.SyntaxKind.DefaultKeyword)) return ['default'];
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => boundNames(ts, name));
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement);
  return isNamed && statement.name ? [statement.name.text] : [];
}

function boundNames(ts: typeof TypeScript, name: TypeScript.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(ts, element.name) : []));
}

const isType = (ts: typeof TypeScript, statement: TypeScript.Statement): boolean =>
  ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
