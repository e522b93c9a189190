/** TeX formulas as MathML, which browsers draw without scripts. */
import { createRequire } from 'node:module';
import type Temml from 'temml';

let loaded: typeof Temml | undefined;

/** Loaded when the first formula is drawn: every notebook imports this folder, and most draw none. */
const temml = (): typeof Temml => {
  loaded ??= createRequire(import.meta.url)('temml') as typeof Temml;
  return loaded;
};

/**
 * A formula as `<math>`; undefined if it holds something that isn't known TeX, so that its source is shown instead.
 * @param display For a formula on its own line: sums have their limits above and below.
 */
export function texToMathml(tex: string, { display = false } = {}): string | undefined {
  const { ParseError, renderToString } = temml();
  try {
    return renderToString(tex, { displayMode: display, throwOnError: true });
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

/**
 * A formula in Unicode letters, for a title: '\\epsilon_\\theta(x_t)' → 'ϵ_θ(x_t)'. Braces and commands that aren't
 * letters are left out.
 */
export function texToText(tex: string): string {
  return tex
    .replace(/\\(?:[a-zA-Z]+|.)/g, (command) => {
      const letters = texToMathml(command)?.replace(/<[^>]*>/g, '') ?? '';
      return letters.trim();
    })
    .replace(/[{}]/g, '')
    .trim();
}
