/** Checks JavaScript cells as an editor would: unknown names, and types where JSDoc states them. */
import ts from 'typescript';

/** Codes of all forms of "Cannot find name …", and of names that are used before their declaration. */
const NAMES = new Set([2304, 2448, 2449, 2450, 2503, 2552, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 18004]);

/** `// @ts-check` before the first statement turns all checks on. */
const CHECKED = /^(?:\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*\/\/[ \t]*@ts-check\b/;

/** Whether a cell turns all checks on. */
export function asksForChecks(source: string): boolean {
  return CHECKED.test(source);
}

/** Whether a diagnostic should be shown in JavaScript without `// @ts-check`. */
export function mattersInJavaScript(
  { code, start, length }: ts.Diagnostic,
  checker: ts.TypeChecker,
  file: ts.SourceFile,
): boolean {
  const node = nodeAt(file, start ?? 0, length ?? 0);
  // `typeof name` is the way to test whether a name exists.
  if (NAMES.has(code)) return !ts.isTypeOfExpression(node.parent ?? node);
  return documented(node, checker);
}

/** The innermost node around a range of the text. */
function nodeAt(file: ts.SourceFile, start: number, length: number): ts.Node {
  const visit = (node: ts.Node): ts.Node =>
    ts.forEachChild(node, (child) =>
      child.getStart(file) <= start && child.getEnd() >= start + length ? visit(child) : undefined,
    ) ?? node;
  return visit(file);
}

/** Whether JSDoc states the type that is expected at a node: of a variable, a parameter or a return value. */
function documented(node: ts.Node, checker: ts.TypeChecker): boolean {
  for (let at: ts.Node | undefined = node; at && !ts.isBlock(at) && !ts.isSourceFile(at); at = at.parent) {
    if (ts.isJSDoc(at) || hasTypes(at)) return true;
    if (isAssignment(at) && declarations(at.left, checker).some(hasTypes)) return true;
    if (ts.isPropertyAccessExpression(at) && declarations(at.expression, checker).some(hasTypes)) return true;
    if (ts.isCallOrNewExpression(at)) {
      const declaration = checker.getResolvedSignature(at)?.declaration;
      if (declaration && hasTypes(declaration)) return true;
    }
    if (ts.isReturnStatement(at)) return hasTypes(ts.findAncestor(at, ts.isFunctionLike));
  }
  return false;
}

function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
}

/** The declarations of a name, in this cell or an earlier one. */
function declarations(name: ts.Node, checker: ts.TypeChecker): readonly ts.Declaration[] {
  const symbol = checker.getSymbolAtLocation(name);
  if (symbol === undefined) return [];
  if (symbol.flags & ts.SymbolFlags.Alias) return checker.getAliasedSymbol(symbol).declarations ?? [];
  // An assignable variable of an earlier cell appears as `declare let x: typeof …`.
  const found = symbol.declarations ?? [];
  const carried = found.find((node) => ts.isVariableDeclaration(node) && node.type && ts.isTypeQueryNode(node.type));
  const origin = carried && ((carried as ts.VariableDeclaration).type as ts.TypeQueryNode).exprName;
  return origin ? declarations(origin, checker) : found;
}

/** Whether a declaration's own JSDoc states types. */
function hasTypes(declaration: ts.Node | undefined): boolean {
  if (declaration === undefined) return false;
  return ts.getJSDocTags(declaration).some((tag) => 'typeExpression' in tag && tag.typeExpression !== undefined);
}
