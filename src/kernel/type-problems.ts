/** Formats the type checker's problems for people. */
import type { CellError } from './cell/messages';
import type { Problem } from './compiler/objections';
import { excerpt } from './excerpt';
import type { CellLanguage } from './language';

/** The text that was checked, and its label. */
export interface CheckedText {
  /** 'Cell [3]' */
  label: string;
  source: string;
  language: CellLanguage;
}

/** Each problem with the lines around it. */
export function formatProblems(problems: readonly Problem[], { label, source }: CheckedText): string[] {
  return problems.flatMap((problem, index) => [
    ...(index > 0 ? [''] : []),
    `TS${problem.code}: ${problem.message}`,
    ...excerpt(label, source, problem.line, problem.column, problem.length),
  ]);
}

/** Problems as an error of a cell that was not run. */
export function typeError(problems: readonly Problem[], text: CheckedText): CellError {
  const [first] = problems;
  const ename = text.language === 'javascript' ? 'JavaScriptError' : 'TypeScriptError';
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const evalue = `TS${first!.code}: ${first!.message} (${text.label}, line ${first!.line})${more}`;
  return { ename, evalue, traceback: [`${ename}: the cell was not run.`, '', ...formatProblems(problems, text)] };
}
