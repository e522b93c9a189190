/**
 * Turns a cell's module into the body of an async function: imports become awaited calls, top-level names become
 * properties of the notebook's scope, the last expression is returned, loops and awaits check for an interrupt.
 */
import ts from 'typescript';
import { importedNames, isUsing } from './declarations';
import { createReferences, type References } from './references';
import { RUNTIME } from './runtime-names';

const { factory } = ts;

/** @param offset Length of the prelude before the cell's text. */
export function cellTransformer(checker: ts.TypeChecker, offset: number): ts.TransformerFactory<ts.SourceFile> {
  return (context) => (file) => new CellTransform(context, checker, file, offset).run();
}

class CellTransform {
  private readonly refs: References;
  private readonly own: ts.Statement[];

  constructor(
    private readonly context: ts.TransformationContext,
    private readonly checker: ts.TypeChecker,
    private readonly file: ts.SourceFile,
    offset: number,
  ) {
    // The prelude's statements come first, the list of exports last.
    this.own = file.statements.filter((statement) => statement.getStart(file) >= offset).slice(0, -1);
    this.refs = createReferences(checker, file, this.own, offset);
  }

  run(): ts.SourceFile {
    const hoisted: ts.Statement[] = [];
    const body: ts.Statement[] = [];
    let module = 0;
    this.own.forEach((statement, index) => {
      const last = index === this.own.length - 1;
      if (ts.isImportDeclaration(statement)) hoisted.push(...this.importDeclaration(statement, `__module${module++}`));
      else body.push(...this.topLevel(statement, index, last));
      if (ts.isFunctionDeclaration(statement) && statement.name && statement.body) {
        hoisted.unshift(this.keep(statement.name.text, statement.name));
      }
    });
    return factory.updateSourceFile(this.file, [...hoisted, ...body]);
  }

  private topLevel(statement: ts.Statement, index: number, last: boolean): ts.Statement[] {
    if (isAmbient(statement) || ts.isExportDeclaration(statement)) return [];
    if (ts.isVariableStatement(statement) && !isUsing(statement.declarationList)) {
      return [...this.variables(statement.declarationList, statement), this.reached(index)];
    }
    if (ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement) || ts.isModuleDeclaration(statement)) {
      const name = statement.name;
      const visited = withoutExport(this.visit(statement) as ts.Statement);
      if (!name || !ts.isIdentifier(name) || !this.isValue(name)) return [visited];
      return [visited, this.keep(name.text, name), this.reached(index)];
    }
    if (ts.isImportEqualsDeclaration(statement)) return [...this.importEquals(statement), this.reached(index)];
    if (ts.isExpressionStatement(statement) && last) return [this.result(statement.expression, statement)];
    if (ts.isExportAssignment(statement)) {
      return last
        ? [this.result(statement.expression, statement)]
        : [this.expression(this.visitExpression(statement.expression), statement)];
    }
    const visited = withoutExport(this.visit(statement) as ts.Statement);
    return ts.isFunctionDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement)
      ? [visited]
      : [visited, this.reached(index)];
  }

  /** `import d, { a as b } from 'm'` → `const __m = await __import('m'); scope.d = __m.default; scope.b = __m.a;` */
  private importDeclaration(statement: ts.ImportDeclaration, module: string): ts.Statement[] {
    const clause = statement.importClause;
    if (clause?.isTypeOnly) return [];
    const values = importedNames(statement).filter((name) => this.isValue(name));
    if (clause !== undefined && values.length === 0 && importedNames(statement).length > 0) return [];
    const attributes = statement.attributes?.elements.map((a) => factory.createPropertyAssignment(a.name, a.value));
    const imported = factory.createAwaitExpression(
      this.call(RUNTIME.import, [
        statement.moduleSpecifier,
        ...(attributes
          ? [
              factory.createObjectLiteralExpression([
                factory.createPropertyAssignment('with', factory.createObjectLiteralExpression(attributes)),
              ]),
            ]
          : []),
      ]),
    );
    const assignments = values.map((name) => {
      const source = factory.createIdentifier(module);
      if (ts.isNamespaceImport(name.parent)) return this.assignment(this.refs.property(name), source, name);
      const key = ts.isImportSpecifier(name.parent) ? (name.parent.propertyName ?? name.parent.name).text : 'default';
      return this.assignment(
        this.refs.property(name),
        factory.createElementAccessExpression(source, factory.createStringLiteral(key)),
        name,
      );
    });
    const declaration = factory.createVariableDeclaration(
      module,
      undefined,
      undefined,
      this.call(RUNTIME.resumed, [imported]),
    );
    const list = factory.createVariableDeclarationList([declaration], ts.NodeFlags.Const);
    return [place(factory.createVariableStatement(undefined, list), statement), ...assignments];
  }

  /** `import fs = require('fs')` → `scope.fs = require('fs')`, `import sub = a.b` → `scope.sub = scope.a.b`. */
  private importEquals({ name, moduleReference, isTypeOnly }: ts.ImportEqualsDeclaration): ts.Statement[] {
    if (isTypeOnly || !this.isValue(name)) return [];
    const value = ts.isExternalModuleReference(moduleReference)
      ? this.call(RUNTIME.require, [moduleReference.expression])
      : this.entity(moduleReference);
    return [this.assignment(this.refs.property(name), value, name)];
  }

  private entity(name: ts.EntityName): ts.Expression {
    return ts.isIdentifier(name)
      ? (this.refs.rewrite(name) ?? name)
      : factory.createPropertyAccessExpression(this.entity(name.left), name.right.text);
  }

  /** Statements that store each declared name in the scope. */
  private variables(list: ts.VariableDeclarationList, at: ts.Node): ts.Statement[] {
    return this.stores(list).map((expression) => this.expression(expression, at));
  }

  private stores(list: ts.VariableDeclarationList): ts.Expression[] {
    const isVar = (list.flags & ts.NodeFlags.BlockScoped) === 0;
    return list.declarations.flatMap((declaration) => {
      if (!declaration.initializer && isVar) return [];
      const value = declaration.initializer
        ? this.named(declaration.name, this.visitExpression(declaration.initializer))
        : factory.createVoidZero();
      return [place(factory.createAssignment(this.target(declaration.name), value), declaration)];
    });
  }

  /** `const f = () => …` names its function; `scope.f = () => …` would not, so it becomes `({ f: () => … }).f`. */
  private named(name: ts.BindingName, value: ts.Expression): ts.Expression {
    const bare = bareExpression(value);
    const anonymous =
      ts.isArrowFunction(bare) || ((ts.isFunctionExpression(bare) || ts.isClassExpression(bare)) && !bare.name);
    if (!anonymous || !ts.isIdentifier(name)) return value;
    const literal = factory.createObjectLiteralExpression([factory.createPropertyAssignment(name.text, value)]);
    return factory.createPropertyAccessExpression(factory.createParenthesizedExpression(literal), name.text);
  }

  /** A binding pattern as an assignment pattern over the scope. */
  private target(name: ts.BindingName): ts.Expression {
    if (ts.isIdentifier(name)) return this.refs.property(name);
    const withDefault = (element: ts.BindingElement): ts.Expression => {
      const inner = this.target(element.name);
      return element.initializer ? factory.createAssignment(inner, this.visitExpression(element.initializer)) : inner;
    };
    if (ts.isObjectBindingPattern(name)) {
      return factory.createObjectLiteralExpression(
        name.elements.map((element) => {
          if (element.dotDotDotToken) return factory.createSpreadAssignment(this.target(element.name));
          const key = element.propertyName
            ? (this.visit(element.propertyName) as ts.PropertyName)
            : factory.createIdentifier((element.name as ts.Identifier).text);
          return factory.createPropertyAssignment(key, withDefault(element));
        }),
      );
    }
    return factory.createArrayLiteralExpression(
      name.elements.map((element) => {
        if (ts.isOmittedExpression(element)) return element;
        return element.dotDotDotToken ? factory.createSpreadElement(this.target(element.name)) : withDefault(element);
      }),
    );
  }

  private readonly visit = (node: ts.Node): ts.Node => {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return node;
    if (ts.isIdentifier(node)) return this.refs.rewrite(node) ?? node;
    if (ts.isShorthandPropertyAssignment(node)) return this.shorthand(node);
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) return this.freeCall(node);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      return this.call(RUNTIME.import, this.children(node).arguments);
    }
    if (ts.isTaggedTemplateExpression(node) && ts.isIdentifier(node.tag)) {
      const tag = this.refs.rewrite(node.tag);
      const visited = this.children(node);
      return tag
        ? factory.updateTaggedTemplateExpression(visited, free(tag), visited.typeArguments, visited.template)
        : visited;
    }
    if (ts.isAwaitExpression(node)) return this.call(RUNTIME.resumed, [this.children(node)]);
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      return factory.createIdentifier(RUNTIME.meta);
    if (ts.isVariableDeclarationList(node) && this.refs.isCellVar(node)) {
      // A list that isn't a statement is in the header of a loop: `for (var i = 0; …)`, `for (var x of xs)`.
      if (ts.isForOfStatement(node.parent) || ts.isForInStatement(node.parent))
        return this.target(node.declarations[0]!.name);
      return this.sequence(this.stores(node));
    }
    if (ts.isVariableStatement(node) && this.refs.isCellVar(node.declarationList)) {
      return this.expression(this.sequence(this.stores(node.declarationList)), node);
    }
    if (ts.isIterationStatement(node, false)) return this.loop(node);
    return this.children(node);
  };

  private children<N extends ts.Node>(node: N): N {
    return ts.visitEachChild(node, this.visit, this.context);
  }

  private visitExpression(node: ts.Expression): ts.Expression {
    return this.visit(node) as ts.Expression;
  }

  /** `f(x)` → `(0, scope.f)(x)`: the scope must not become `this`. */
  private freeCall(node: ts.CallExpression): ts.Expression {
    const callee = this.refs.rewrite(node.expression as ts.Identifier);
    const visited = this.children(node);
    return callee
      ? factory.updateCallExpression(visited, free(callee), visited.typeArguments, visited.arguments)
      : visited;
  }

  /** `{ x }` → `{ x: scope.x }`, `({ x = 1 } = o)` → `({ x: scope.x = 1 } = o)`. */
  private shorthand(node: ts.ShorthandPropertyAssignment): ts.Node {
    const value = this.refs.rewrite(node.name);
    const initial = node.objectAssignmentInitializer && this.visitExpression(node.objectAssignmentInitializer);
    if (!value) return this.children(node);
    return factory.createPropertyAssignment(node.name.text, initial ? factory.createAssignment(value, initial) : value);
  }

  /** Each iteration first checks the stop flag; in a `for await`, whether the cell was interrupted. */
  private loop(node: ts.IterationStatement): ts.Node {
    const visited = this.children(node) as ts.IterationStatement;
    const check =
      ts.isForOfStatement(node) && node.awaitModifier
        ? factory.createExpressionStatement(this.call(RUNTIME.resumed, []))
        : factory.createIfStatement(
            factory.createElementAccessExpression(factory.createIdentifier(RUNTIME.stop), 0),
            factory.createExpressionStatement(this.call(RUNTIME.interrupt, [])),
          );
    const inner = ts.isBlock(visited.statement) ? visited.statement.statements : [visited.statement];
    const block = factory.createBlock([check, ...inner], true);
    if (ts.isForStatement(visited)) {
      return factory.updateForStatement(visited, visited.initializer, visited.condition, visited.incrementor, block);
    }
    if (ts.isForInStatement(visited))
      return factory.updateForInStatement(visited, visited.initializer, visited.expression, block);
    if (ts.isForOfStatement(visited)) {
      return factory.updateForOfStatement(
        visited,
        visited.awaitModifier,
        visited.initializer,
        visited.expression,
        block,
      );
    }
    if (ts.isWhileStatement(visited)) return factory.updateWhileStatement(visited, visited.expression, block);
    return factory.updateDoStatement(visited as ts.DoStatement, block, (visited as ts.DoStatement).expression);
  }

  /** Wraps the last expression's value in an object, so that returning a promise doesn't await it here. */
  private result(expression: ts.Expression, at: ts.Node): ts.Statement {
    const value = factory.createPropertyAssignment('value', this.visitExpression(expression));
    return place(factory.createReturnStatement(factory.createObjectLiteralExpression([value])), at);
  }

  private keep(name: string, at: ts.Node): ts.Statement {
    return this.assignment(
      factory.createPropertyAccessExpression(factory.createIdentifier(RUNTIME.scope), name),
      factory.createIdentifier(name),
      at,
    );
  }

  private assignment(to: ts.Expression, value: ts.Expression, at: ts.Node): ts.Statement {
    return this.expression(factory.createAssignment(to, value), at);
  }

  private expression(expression: ts.Expression, at: ts.Node): ts.Statement {
    return place(factory.createExpressionStatement(expression), at);
  }

  private sequence(expressions: readonly ts.Expression[]): ts.Expression {
    return expressions.length === 0
      ? factory.createVoidZero()
      : expressions.reduce((left, right) => factory.createComma(left, right));
  }

  private reached(index: number): ts.Statement {
    return factory.createExpressionStatement(this.call(RUNTIME.reached, [factory.createNumericLiteral(index)]));
  }

  private call(name: string, args: readonly ts.Expression[]): ts.Expression {
    return factory.createCallExpression(factory.createIdentifier(name), undefined, args);
  }

  /** Whether a declared or imported name exists at run time. */
  private isValue(name: ts.Identifier): boolean {
    if (ts.isImportSpecifier(name.parent) && name.parent.isTypeOnly) return false;
    const symbol = this.checker.getSymbolAtLocation(name);
    if (symbol === undefined) return true;
    const target = symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
    return (target.flags & ts.SymbolFlags.Value) !== 0 || target.declarations === undefined;
  }
}

function place<N extends ts.Node>(node: N, at: ts.Node): N {
  return ts.setOriginalNode(ts.setTextRange(node, at), at);
}

function bareExpression(value: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(value) ? bareExpression(value.expression) : value;
}

function free(callee: ts.Expression): ts.Expression {
  return factory.createParenthesizedExpression(factory.createComma(factory.createNumericLiteral(0), callee));
}

function isAmbient(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword) ?? false)
  );
}

/** Removes `export`, which isn't allowed inside the function around a cell. */
function withoutExport(statement: ts.Statement): ts.Statement {
  if (!ts.canHaveModifiers(statement)) return statement;
  const kept = statement.modifiers?.filter(
    ({ kind }) => kind !== ts.SyntaxKind.ExportKeyword && kind !== ts.SyntaxKind.DefaultKeyword,
  );
  if (kept?.length === statement.modifiers?.length) return statement;
  const modifiers = factory.createNodeArray(kept);
  return ts.factory.replaceModifiers(statement as ts.FunctionDeclaration, modifiers as ts.NodeArray<ts.Modifier>);
}
