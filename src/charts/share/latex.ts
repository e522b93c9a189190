/** A `text/latex` output (from SymPy, or IPython's `Latex`): text with formulas. */
import { escapeHtml } from '../escape';
import { drawFormulas, formulaMark } from './markdown';
import { texToMathml } from './tex';

const FORMULA =
  /\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\]|(\\begin\{([a-z]+\*?)\}[\s\S]+?\\end\{\4\})|\$((?:[^$\\]|\\.)+)\$|\\\(([\s\S]+?)\\\)/g;

/** The output as HTML; undefined if it has no formula, or one that can't be converted. */
export function latexHtml(latex: string): string | undefined {
  let html = '';
  let at = 0;
  for (const match of latex.matchAll(FORMULA)) {
    const [raw, dollars, brackets, environment, , dollar, parentheses] = match;
    const displayed = dollars ?? brackets ?? environment;
    const tex = displayed ?? dollar ?? parentheses ?? '';
    const display = displayed !== undefined;
    if (texToMathml(tex.trim(), { display }) === undefined) return undefined;
    html += escapeHtml(latex.slice(at, match.index)) + formulaMark(tex, { display });
    at = match.index + raw.length;
  }
  return at === 0 ? undefined : drawFormulas(html + escapeHtml(latex.slice(at)));
}
