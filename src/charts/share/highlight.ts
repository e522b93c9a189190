/** Simple syntax highlighting of folded code, for TypeScript, JavaScript and JSON. */
import { escapeHtml } from '../escape';

const KEYWORDS = new Set(
  `abstract as async await break case catch class const continue debugger declare default delete do else enum export
  extends false finally for from function if implements import in infer instanceof interface is keyof let namespace new
  null of override private protected public readonly return satisfies static super switch this throw true try type typeof
  undefined using var void while yield`.split(/\s+/),
);

const TOKENS =
  /(\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|("(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`(?:\\[\s\S]|[^`\\])*`?)|(\b(?:0[xob][\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)n?\b)|([A-Za-z_$][\w$]*)/g;

/** Code as HTML, tokens in `<span class="tk-…">`. Languages other than these are only escaped. */
export function highlight(code: string, language = 'typescript'): string {
  if (!/^(typescript|javascript|ts|js|tsx|jsx|json)$/i.test(language)) return escapeHtml(code);
  let html = '';
  let at = 0;
  for (const match of code.matchAll(TOKENS)) {
    const [token, comment, text, number, word] = match;
    html += escapeHtml(code.slice(at, match.index));
    at = match.index + token.length;
    const kind = comment
      ? 'comment'
      : text
        ? 'string'
        : number
          ? 'number'
          : KEYWORDS.has(word as string)
            ? 'keyword'
            : code[at] === '('
              ? 'call'
              : /^[A-Z]/.test(word as string)
                ? 'type'
                : undefined;
    html += kind ? `<span class="tk-${kind}">${escapeHtml(token)}</span>` : escapeHtml(token);
  }
  return html + escapeHtml(code.slice(at));
}
