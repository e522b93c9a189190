/** TeX formulas as MathML, which every browser draws by itself. */
import { createRequire } from 'node:module';
import type Temml from 'temml';

let loaded: typeof Temml | undefined;

/** Loaded when the first formula is drawn: notebooks import this folder and most draw none. */
const temml = (): typeof Temml => {
  loaded ??= createRequire(import.meta.url)('temml') as typeof Temml;
  return loaded;
};

/**
 * A formula as `<math>`; undefined if it holds something that isn't TeX or isn't known, so that it is better shown as it is
 * written.
 * @param display On a line of its own: sums carry their limits above and below.
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
 * A formula in letters, for a title: '\\epsilon_\\theta(x_t)' → 'ϵ_θ(x_t)'. Commands that stand for no letter are left out,
 * braces too.
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
