/** Finds the identifiers of a cell that refer to variables of the notebook, and rewrites them. */
import ts from 'typescript';
import { boundNames, importedNames, isUsing, nestedVars } from './declarations';
import { RUNTIME } from './runtime-names';

export interface References {
  /** `scope.name`, or undefined if the identifier refers to something else. */
  rewrite(node: ts.Identifier): ts.Expression | undefined;
  /** `scope.name` for a declared name. */
  property(name: ts.Identifier): ts.Expression;
  /** Whether a `var` list belongs to the cell itself. */
  isCellVar(list: ts.VariableDeclarationList): boolean;
}

/**
 * @param own The cell's own statements, without the prelude and the export list.
 * @param offset Length of the prelude, which declares the names of earlier cells.
 */
export function createReferences(
  checker: ts.TypeChecker,
  file: ts.SourceFile,
  own: readonly ts.Statement[],
  offset: number,
): References {
  const vars = new Set<ts.VariableDeclarationList>();
  const declarations = new Set<ts.Node>();
  const names = new Set<string>();
  const declare = (name: ts.Identifier | undefined): void => {
    if (name === undefined) return;
    names.add(name.text);
    declarations.add(name.parent);
  };
  for (const statement of file.statements) {
    if (statement.getStart(file) >= offset) break;
    if (ts.isImportDeclaration(statement)) importedNames(statement).forEach(declare);
    if (ts.isVariableStatement(statement) && !isVar(statement.declarationList)) {
      boundNames(statement.declarationList).forEach(declare);
    }
  }
  for (const statement of own) {
    if (isAmbient(statement)) continue;
    if (ts.isVariableStatement(statement)) {
      if (!isUsing(statement.declarationList)) boundNames(statement.declarationList).forEach(declare);
    } else if (ts.isImportDeclaration(statement)) importedNames(statement).forEach(declare);
    else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) declare(statement.name);
    else if (ts.isImportEqualsDeclaration(statement)) declare(statement.name);
    else {
      for (const list of nestedVars(statement)) {
        vars.add(list);
        boundNames(list).forEach(declare);
      }
    }
  }

  const property = (name: ts.Identifier): ts.Expression => {
    const access = ts.factory.createPropertyAccessExpression(ts.factory.createIdentifier(RUNTIME.scope), name.text);
    return ts.setOriginalNode(ts.setTextRange(access, name), name);
  };
  const symbolOf = (node: ts.Identifier): ts.Symbol | undefined =>
    ts.isShorthandPropertyAssignment(node.parent) && node.parent.name === node
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node);

  /** The path of a cell's module without its number, in which modules differ. */
  const place = ({ fileName }: ts.SourceFile): string => fileName.replace(/\d+(?=\.\w+$)/, '');
  const isCell = (module: ts.SourceFile): boolean => place(module) === place(file);
  /** Whether an earlier cell only declared the name (`declare function f(): void`), so that it refers to a global. */
  const isOnlyDeclared = (symbol: ts.Symbol): boolean =>
    checker.getAliasedSymbol(symbol).declarations?.every((d) => isCell(d.getSourceFile()) && isAmbient(d)) === true;

  return {
    property,
    isCellVar: (list) => vars.has(list),
    rewrite: (node) => {
      if (!names.has(node.text) || !isReference(node)) return undefined;
      const symbol = symbolOf(node);
      const declaration = symbol?.declarations?.find((d) => declarations.has(d));
      if (declaration === undefined || isInside(node, declaration)) return undefined;
      if (ts.isImportSpecifier(declaration) && isOnlyDeclared(symbol!)) return undefined;
      return property(node);
    },
  };
}

/** Whether a node lies inside the declaration of a class, which refers to itself by its own inner binding. */
function isInside(node: ts.Node, declaration: ts.Node): boolean {
  if (!ts.isClassDeclaration(declaration)) return false;
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent) if (at === declaration) return true;
  return false;
}

function isAmbient(declaration: ts.Node): boolean {
  return (ts.getCombinedModifierFlags(declaration as ts.Declaration) & ts.ModifierFlags.Ambient) !== 0;
}

function isVar(list: ts.VariableDeclarationList): boolean {
  return (list.flags & ts.NodeFlags.BlockScoped) === 0;
}

/** Whether an identifier stands for a value here, rather than naming a property, a label or a declaration. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent) || ts.isEnumMember(parent)) return parent.initializer === node;
  if (
    ts.isBindingElement(parent) ||
    ts.isVariableDeclaration(parent) ||
    ts.isParameter(parent) ||
    ts.isPropertyDeclaration(parent)
  ) {
    return parent.initializer === node;
  }
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isFunctionLike(parent) || ts.isClassLike(parent)) return 'body' in parent && parent.body === (node as ts.Node);
  return !(
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isImportClause(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isMetaProperty(parent) ||
    ts.isEnumDeclaration(parent) ||
    ts.isModuleDeclaration(parent) ||
    (ts.isQualifiedName(parent) && parent.right === node) ||
    ts.isJsxAttribute(parent)
  );
}
