/** TeX formulas as MathML, which every browser draws by itself: the part of TeX that papers' formulas in notebooks use. */
import { escapeHtml } from '../escape';
import { ACCENTS, alphabet, FUNCTIONS, LIMITS, SPACES, SYMBOLS } from './tex-symbols';

/**
 * A formula as `<math>`; undefined if it holds something that isn't known here, so that it is better shown as it is written.
 * @param display On a line of its own: sums carry their limits above and below.
 */
export function texToMathml(tex: string, { display = false } = {}): string | undefined {
  try {
    const body = new Formula(tex, display).all();
    return `<math${display ? ' display="block"' : ''}>${body}</math>`;
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

class Unknown extends Error {
  override name = 'Unknown';
}

const TOKEN = /\\(?:[A-Za-z]+\*?|[\s\S])|\d+(?:\.\d+)?|\s+|[\s\S]/gu;

class Formula {
  private readonly tokens: string[];
  private at = 0;

  constructor(
    tex: string,
    private readonly display: boolean,
  ) {
    this.tokens = tex.replace(/(?<!\\)%.*$/gm, '').match(TOKEN) ?? [];
  }

  /** The whole formula. @throws Unknown if something is left over. */
  all(): string {
    const body = this.row();
    if (this.peek() !== '') throw new Unknown();
    return body;
  }

  /** Everything up to one of `ends` (which is left) or the end. */
  private row(ends: readonly string[] = []): string {
    let html = '';
    while (this.peek() !== '' && !ends.includes(this.peek())) {
      if (this.peek() === '}' || this.peek() === '&' || this.peek() === '\\\\') break;
      html += this.scripted();
    }
    return `<mrow>${html}</mrow>`;
  }

  /** An atom with what stands below and above it. */
  private scripted(): string {
    const first = this.peek();
    const base = /^[_^]$/.test(first) ? '<mrow></mrow>' : this.atom();
    let below: string | undefined;
    let above: string | undefined;
    for (;;) {
      if (this.take('_')) below = this.argument();
      else if (this.take('^')) above = this.argument();
      else if (this.take("'")) above = `${above ?? ''}<mo>′</mo>`;
      else if (!this.take('\\limits') && !this.take('\\nolimits')) break;
    }
    if (below === undefined && above === undefined) return base;
    const [under, over] = this.display && LIMITS.has(first) ? ['under', 'over'] : ['sub', 'sup'];
    const up = above && `<mrow>${above}</mrow>`;
    if (up === undefined) return `<m${under}>${base}${below}</m${under}>`;
    return below === undefined
      ? `<m${over}>${base}${up}</m${over}>`
      : `<m${under}${over}>${base}${below}${up}</m${under}${over}>`;
  }

  private atom(): string {
    const token = this.next();
    if (token === '{') return this.group();
    if (/^\d/.test(token)) return `<mn>${token}</mn>`;
    if (/^\p{L}$/u.test(token)) return `<mi>${token}</mi>`;
    if (!token.startsWith('\\')) return `<mo>${escapeHtml(token === '-' ? '−' : token === '*' ? '∗' : token)}</mo>`;
    return this.command(token);
  }

  private command(name: string): string {
    const symbol = SYMBOLS[name];
    if (symbol !== undefined)
      return /^[\p{L}∅∞∇∂⊤⊥…⋯]$/u.test(symbol) ? `<mi>${symbol}</mi>` : `<mo>${escapeHtml(symbol)}</mo>`;
    const space = SPACES[name];
    if (space !== undefined) return `<mspace width="${space}em"></mspace>`;
    if (FUNCTIONS.has(name)) return `<mi mathvariant="normal">${name.slice(1)}</mi>`;
    const accent = ACCENTS[name];
    if (accent) return `<mover accent="true">${this.argument()}<mo>${accent}</mo></mover>`;
    const letters = alphabet(name);
    if (letters) return `<mi mathvariant="normal">${escapeHtml([...this.words()].map(letters).join(''))}</mi>`;
    switch (name) {
      case '\\frac':
      case '\\tfrac':
      case '\\dfrac':
        return `<mfrac>${this.argument()}${this.argument()}</mfrac>`;
      case '\\sqrt':
        if (!this.take('[')) return `<msqrt>${this.argument()}</msqrt>`;
        return this.root();
      case '\\text':
      case '\\textrm':
      case '\\mbox':
        return `<mtext>${escapeHtml(this.words()).replace(/^ | $/g, '\u00a0')}</mtext>`;
      case '\\operatorname':
      case '\\operatorname*':
        return `<mi mathvariant="normal">${escapeHtml(this.words())}</mi>`;
      case '\\left':
        return this.fenced();
      case '\\begin':
        return this.environment();
      case '\\big':
      case '\\Big':
      case '\\bigl':
      case '\\bigr':
      case '\\Bigl':
      case '\\Bigr':
        return this.atom();
      default:
        throw new Unknown();
    }
  }

  private root(): string {
    const index = this.row([']']);
    this.expect(']');
    return `<mroot>${this.argument()}${index}</mroot>`;
  }

  private fenced(): string {
    const open = this.delimiter();
    let body = '';
    while (!this.take('\\right')) {
      if (this.peek() === '') throw new Unknown();
      body += this.take('\\middle') ? this.delimiter() : this.row(['\\right', '\\middle']);
    }
    return `<mrow>${open}${body}${this.delimiter()}</mrow>`;
  }

  private delimiter(): string {
    const token = this.next();
    if (token === '.') return '';
    const text = token.startsWith('\\') ? SYMBOLS[token] : token;
    if (text === undefined) throw new Unknown();
    return `<mo stretchy="true">${escapeHtml(text)}</mo>`;
  }

  private environment(): string {
    const name = this.words();
    const fences = ENVIRONMENTS[name];
    if (!fences) throw new Unknown();
    const rows: string[][] = [[]];
    while (!this.take('\\end')) {
      rows.at(-1)!.push(this.row(['\\end']));
      if (this.take('\\\\')) rows.push([]);
      else if (!this.take('&') && this.peek() !== '\\end') throw new Unknown();
    }
    if (this.words() !== name) throw new Unknown();
    const body = rows
      .filter((cells) => cells.length > 0)
      .map((cells) => `<mtr>${cells.map((cell) => `<mtd>${cell}</mtd>`).join('')}</mtr>`);
    const fence = (text: string) => (text ? `<mo stretchy="true">${text}</mo>` : '');
    return `<mrow>${fence(fences[0])}<mtable>${body.join('')}</mtable>${fence(fences[1])}</mrow>`;
  }

  /** What a command is applied to: a group or one atom. */
  private argument(): string {
    return this.take('{') ? this.group() : this.atom();
  }

  private group(): string {
    const body = this.row();
    this.expect('}');
    return body;
  }

  /** The text of a group, as it is written. */
  private words(): string {
    if (!this.take('{')) return this.next();
    let text = '';
    for (let token = this.raw(); token !== '}'; token = this.raw()) text += token.replace(/^\\(?=[^A-Za-z])/, '');
    return text;
  }

  /** The next token that isn't a space; '' at the end. */
  private peek(): string {
    while (/^\s+$/.test(this.tokens[this.at] ?? '')) this.at++;
    return this.tokens[this.at] ?? '';
  }

  private next(): string {
    this.peek();
    return this.raw();
  }

  private raw(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new Unknown();
    return token;
  }

  private take(token: string): boolean {
    if (this.peek() !== token) return false;
    this.at++;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw new Unknown();
  }
}

const ENVIRONMENTS: Record<string, [string, string]> = {
  matrix: ['', ''],
  pmatrix: ['(', ')'],
  bmatrix: ['[', ']'],
  vmatrix: ['|', '|'],
  cases: ['{', ''],
  aligned: ['', ''],
  split: ['', ''],
};
