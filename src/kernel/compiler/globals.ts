/**
 * Declarations outside a cell's own module: `declare global { … }` and `declare module 'x' { … }`. They hold from their
 * cell on. As everywhere in a notebook, a name that is declared again replaces the older declaration. Members of
 * interfaces are separate names, so that several cells can add to `interface String`.
 */
import ts from 'typescript';
import { isOfGlobals } from './declarations';

/** A piece of a cell's text that declares a name outside the cell's module. */
export interface GlobalPiece {
  /** The qualified name: `global.x`, `global.String.shout`, `module.f`. */
  key: string;
  start: number;
  end: number;
}

/** A whole `declare module 'x' { … }`. */
export interface ModuleDeclaration {
  name: string;
  start: number;
  end: number;
}

export interface GlobalDeclarations {
  /** The declared names, one piece each. */
  pieces: GlobalPiece[];
  modules: ModuleDeclaration[];
}

const NONE: GlobalDeclarations = { pieces: [], modules: [] };

/** What a cell's text declares outside its own module. */
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
    // Overloads of a method are one name.
    return statement.members.map((member) => piece(member, `${owner}.${member.name?.getText(tree) ?? member.kind}`));
  }
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
    return [piece(statement, statement.name?.text ?? 'default')];
  }
  if (ts.isEnumDeclaration(statement) || ts.isModuleDeclaration(statement))
    return [piece(statement, statement.name.text)];
  return [piece(statement, 'default')];
}

/** The text with those ranges blanked out, so that lines and columns of the rest stay the same. */
export function withoutRanges(text: string, ranges: readonly { start: number; end: number }[]): string {
  let kept = text;
  for (const { start, end } of ranges) {
    kept = kept.slice(0, start) + kept.slice(start, end).replace(/[^\n]/g, ' ') + kept.slice(end);
  }
  return kept;
}
