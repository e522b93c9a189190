/**
 * What cells declare beyond themselves: `declare global { … }` and `declare module 'x' { … }`. It holds from its cell on.
 * A name that is declared again replaces the older declaration, as everything in a notebook does; members of interfaces
 * are names of their own, so that `interface String` can be added to by several cells.
 */
import ts from 'typescript';
import { isOfGlobals } from './declarations';

/** A piece of a cell's text that declares a name beyond the cell. */
export interface GlobalPiece {
  /** Whose name: `global.x`, `global.String.shout`, `module.f`. */
  key: string;
  start: number;
  end: number;
}

/** `declare module 'x'`, whole. */
export interface ModuleDeclaration {
  name: string;
  start: number;
  end: number;
}

export interface GlobalDeclarations {
  /** The names, one by one. */
  pieces: GlobalPiece[];
  modules: ModuleDeclaration[];
}

const NONE: GlobalDeclarations = { pieces: [], modules: [] };

/** What a cell's text declares beyond itself. */
export function globalDeclarations(source: string): GlobalDeclarations {
  if (!/\bdeclare\s+(?:global|module)\b/.test(source)) return NONE;
  const tree = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.Latest, true);
  const found: GlobalDeclarations = { pieces: [], modules: [] };
  for (const statement of tree.statements) {
    if (!ts.isModuleDeclaration(statement)) continue;
    const named = ts.isStringLiteral(statement.name);
    if (!named && !isOfGlobals(statement)) continue;
    const name = statement.name.text;
    if (named) found.modules.push({ name, start: statement.getStart(tree), end: statement.end });
    if (statement.body && ts.isModuleBlock(statement.body)) {
      for (const inner of statement.body.statements) found.pieces.push(...piecesOf(inner, name, tree));
    }
  }
  return found;
}

function piecesOf(statement: ts.Statement, space: string, tree: ts.SourceFile): GlobalPiece[] {
  const piece = (node: ts.Node, name: string) => ({
    key: `${space}.${name}`,
    start: node.getStart(tree),
    end: node.end,
  });
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => piece(statement, name.getText(tree)));
  }
  if (ts.isInterfaceDeclaration(statement)) {
    const owner = statement.name.text;
    // Overloads of one method stand side by side and are one name.
    return statement.members.map((member) => piece(member, `${owner}.${member.name?.getText(tree) ?? member.kind}`));
  }
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
    return [piece(statement, statement.name?.text ?? 'default')];
  }
  if (ts.isEnumDeclaration(statement) || ts.isModuleDeclaration(statement))
    return [piece(statement, statement.name.text)];
  return [piece(statement, 'default')];
}

/** The text with those ranges empty; lines and columns of the rest stay. */
export function withoutRanges(text: string, ranges: readonly { start: number; end: number }[]): string {
  let kept = text;
  for (const { start, end } of ranges) {
    kept = kept.slice(0, start) + kept.slice(start, end).replace(/[^\n]/g, ' ') + kept.slice(end);
  }
  return kept;
}
