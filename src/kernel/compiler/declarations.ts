/** The names that a cell declares at its top level, which later cells see. */
import ts from 'typescript';

/** How a declared name behaves in later cells. */
export interface Declared {
  name: string;
  /** Whether later cells may assign it (`let`, `var`). */
  assignable: boolean;
  /** Index of the top-level statement that declares it; -1 when hoisted (imports, functions, types). */
  statement: number;
  /** Whether the declaration itself has `export`. */
  exported: boolean;
  /** Whether it is only stated to exist, by `declare …`. */
  ambient: boolean;
}

/** The names that a cell's statements declare, in order; repeated names are repeated. */
export function declaredNames(source: ts.SourceFile): Declared[] {
  const found: Declared[] = [];
  source.statements.forEach((statement, index) => {
    const exported = hasModifier(statement, ts.SyntaxKind.ExportKeyword);
    const ambient = hasModifier(statement, ts.SyntaxKind.DeclareKeyword);
    const add = (name: ts.Node | undefined, assignable = false, at = -1) => {
      if (name !== undefined && ts.isIdentifier(name))
        found.push({ name: name.text, assignable, statement: at, exported, ambient });
    };
    if (ts.isVariableStatement(statement)) {
      if (isUsing(statement.declarationList)) return;
      const assignable = ambient || (statement.declarationList.flags & ts.NodeFlags.Const) === 0;
      for (const name of boundNames(statement.declarationList)) add(name, assignable, index);
    } else if (isBeyondCell(statement)) {
      return;
    } else if (
      ts.isClassDeclaration(statement) ||
      ts.isEnumDeclaration(statement) ||
      ts.isModuleDeclaration(statement)
    ) {
      add(statement.name, false, index);
    } else if (ts.isImportDeclaration(statement)) {
      for (const name of importedNames(statement)) add(name);
    } else if (
      ts.isFunctionDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isImportEqualsDeclaration(statement)
    ) {
      add(statement.name);
    } else {
      for (const list of nestedVars(statement)) for (const name of boundNames(list)) add(name, true, index);
    }
  });
  const types = (source.endOfFileToken.flags & ts.NodeFlags.JavaScriptFile) === 0 ? [] : jsDocTypes(source);
  return [
    ...found,
    ...types.map((name) => ({ name, assignable: false, statement: -1, exported: true, ambient: true })),
  ];
}

/** Types that the JSDoc of a JavaScript cell defines; TypeScript exports them itself. */
function jsDocTypes(source: ts.SourceFile): string[] {
  const hosts = [...source.statements, source.endOfFileToken];
  const tags = hosts.flatMap((host) =>
    ts.getJSDocCommentsAndTags(host).flatMap((doc) => (ts.isJSDoc(doc) ? doc.tags : [])),
  );
  return tags.flatMap((tag) => {
    const name = tag && (ts.isJSDocTypedefTag(tag) || ts.isJSDocCallbackTag(tag)) ? tag.name : undefined;
    return name && ts.isIdentifier(name) ? [name.text] : [];
  });
}

/** `declare global { … }`. */
export function isOfGlobals(statement: ts.Node): boolean {
  return (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0;
}

/** `declare global { … }` and `declare module 'x' { … }`, which declare nothing in the cell itself (see globals.ts). */
function isBeyondCell(statement: ts.Node): boolean {
  return isOfGlobals(statement) || (ts.isModuleDeclaration(statement) && ts.isStringLiteral(statement.name));
}

/** `using x` and `await using x`, which aren't carried over because the resource is disposed at the cell's end. */
export function isUsing(list: ts.VariableDeclarationList): boolean {
  return (
    (list.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Using ||
    (list.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing
  );
}

/** The identifiers bound by a declaration list, patterns included. */
export function boundNames(list: ts.VariableDeclarationList): ts.Identifier[] {
  const names: ts.Identifier[] = [];
  const visit = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.push(name);
    else for (const element of name.elements) if (ts.isBindingElement(element)) visit(element.name);
  };
  for (const declaration of list.declarations) visit(declaration.name);
  return names;
}

/** The local names of an import declaration. */
export function importedNames(statement: ts.ImportDeclaration): ts.Identifier[] {
  const clause = statement.importClause;
  if (clause === undefined) return [];
  const bindings = clause.namedBindings;
  return [
    ...(clause.name ? [clause.name] : []),
    ...(bindings === undefined
      ? []
      : ts.isNamespaceImport(bindings)
        ? [bindings.name]
        : bindings.elements.map((e) => e.name)),
  ];
}

/** `var` lists inside blocks and loops (not inside functions), which belong to the cell's scope. */
export function nestedVars(statement: ts.Node): ts.VariableDeclarationList[] {
  const lists: ts.VariableDeclarationList[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0) lists.push(node);
    ts.forEachChild(node, visit);
  };
  visit(statement);
  return lists;
}

/** Whether a statement has a modifier, such as `export` or `declare`. */
function hasModifier(statement: ts.Statement, kind: ts.SyntaxKind): boolean {
  return (
    ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some((modifier) => modifier.kind === kind) === true
  );
}
