/** CLIP's tokenizer (Radford et al. 2021), as transformers' CLIPTokenizer, from vocab.json and merges.txt. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../common';
import { END, mergePair, pieceSymbols, START, splitPieces, type Vocabulary, vocabularyOf } from './bpe';
import { fromByteCharacters } from './bytes';

export interface TokenizerOptions extends Vocabulary {
  /** Tokens per text, start and end included: longer texts are truncated, shorter ones padded. Default 77. */
  maxLength?: number;
  /** The padding token. Default: the end token, as in SD v1.5 (SD 2 has '!'). */
  padToken?: string;
}

/** Text → token ids. */
export class ClipTokenizer {
  readonly ids: ReadonlyMap<string, number>;
  readonly merges: Vocabulary['merges'];
  /** Tokens per text, start and end included. */
  readonly maxLength: number;
  /** Id of the start token. */
  readonly start: number;
  /** Id of the end token. */
  readonly end: number;
  /** Id of the padding token. */
  readonly pad: number;
  private readonly padToken: string;
  private readonly ranks: ReadonlyMap<string, number>;
  private readonly tokenOf: readonly string[];
  private readonly cache = new Map<string, readonly number[]>();

  /** @throws if the start, end or padding token is not in the vocabulary */
  constructor({ ids, merges, maxLength = 77, padToken = END }: TokenizerOptions) {
    if (!Number.isInteger(maxLength) || maxLength < 2) {
      throw new Error(`Expected 'maxLength' to be an integer of at least 2, got ${maxLength}.`);
    }
    this.ids = ids;
    this.merges = merges;
    this.maxLength = maxLength;
    this.padToken = padToken;
    this.ranks = new Map(merges.map((pair, rank) => [pair.join(' '), rank]));
    const tokens: string[] = [];
    for (const [token, id] of ids) tokens[id] = token;
    this.tokenOf = tokens;
    this.start = this.id(START);
    this.end = this.id(END);
    this.pad = this.id(padToken);
  }

  /**
   * Reads a diffusers 'tokenizer' folder: vocab.json, merges.txt, and when present tokenizer_config.json and
   * special_tokens_map.json.
   */
  static load(folder: string): ClipTokenizer {
    const vocab = JSON.parse(readFileSync(join(folder, 'vocab.json'), 'utf8')) as Record<string, number>;
    const merges = readFileSync(join(folder, 'merges.txt'), 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#version'))
      .map((line) => line.split(' ') as [string, string]);
    const { model_max_length: maxLength, pad_token: pad } = {
      ...readOptional(join(folder, 'special_tokens_map.json')),
      ...readOptional(join(folder, 'tokenizer_config.json')),
    };
    const padToken = typeof pad === 'string' ? pad : (pad as { content?: string } | undefined)?.content;
    return new ClipTokenizer({
      ids: new Map(Object.entries(vocab)),
      merges,
      // transformers writes 1e30 for 'no limit'
      ...(typeof maxLength === 'number' && maxLength < 1e6 ? { maxLength } : {}),
      ...(padToken === undefined ? {} : { padToken }),
    });
  }

  /** Number of tokens. */
  get size(): number {
    return this.ids.size;
  }

  /** Ids of a text between start and end, truncated or padded to maxLength. */
  encode(text: string): number[] {
    const ids = this.tokens(text);
    return [...ids, ...new Array<number>(this.maxLength - ids.length).fill(this.pad)];
  }

  /** Ids of a text between start and end, truncated to maxLength but not padded. */
  tokens(text: string): number[] {
    const ids = [this.start];
    // Special tokens are recognised before the text is normalised.
    for (const part of text.split(/(<\|startoftext\|>|<\|endoftext\|>)/)) {
      if (part === START) ids.push(this.start);
      else if (part === END) ids.push(this.end);
      else for (const piece of splitPieces(part)) ids.push(...this.encodePiece(piece));
    }
    return [...ids.slice(0, this.maxLength - 1), this.end];
  }

  /** The text of ids: lower case, one space between words; start, end and padding are left out. */
  decode(ids: Iterable<number>): string {
    const special = new Set([this.start, this.end, this.pad]);
    let text = '';
    for (const id of ids) if (!special.has(id)) text += this.tokenOf[id] ?? '';
    return text
      .split('</w>')
      .map((word) => fromByteCharacters(word))
      .join(' ')
      .trim();
  }

  /** Writes a folder that `load` and transformers read. */
  save(folder: string): void {
    const write = (name: string, text: string): void => writeWhole(join(folder, name), text);
    write('vocab.json', JSON.stringify(Object.fromEntries(this.ids)));
    write('merges.txt', `#version: 0.2\n${this.merges.map((pair) => pair.join(' ')).join('\n')}\n`);
    const tokens = { bos_token: START, eos_token: END, unk_token: END, pad_token: this.padToken };
    write('special_tokens_map.json', `${JSON.stringify(tokens, null, 2)}\n`);
    const config = {
      ...tokens,
      add_prefix_space: false,
      do_lower_case: true,
      errors: 'replace',
      model_max_length: this.maxLength,
      tokenizer_class: 'CLIPTokenizer',
    };
    write('tokenizer_config.json', `${JSON.stringify(config, null, 2)}\n`);
  }

  private encodePiece(piece: string): readonly number[] {
    const known = this.cache.get(piece);
    if (known) return known;
    let symbols = pieceSymbols(piece);
    for (;;) {
      const pair = this.earliestPair(symbols);
      if (!pair) break;
      symbols = mergePair(symbols, pair);
    }
    // CLIP's token for an unknown symbol is the end token.
    const ids = symbols.map((symbol) => this.ids.get(symbol) ?? this.end);
    this.cache.set(piece, ids);
    return ids;
  }

  private earliestPair(symbols: readonly string[]): readonly [string, string] | undefined {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 1; i < symbols.length; i++) {
      best = Math.min(best, this.ranks.get(`${symbols[i - 1]} ${symbols[i]}`) ?? best);
    }
    return this.merges[best];
  }

  private id(token: string): number {
    const id = this.ids.get(token);
    if (id === undefined) throw new Error(`Expected the vocabulary to have the token '${token}'.`);
    return id;
  }
}

function readOptional(path: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`Expected '${path}' to be JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** OpenAI's vocabulary from the text of its bpe_simple_vocab_16e6.txt: the first 48,894 merges of the file. */
export function openAiVocabulary(text: string): Vocabulary {
  const lines = text.split('\n').slice(1, 49152 - 256 - 2 + 1);
  return vocabularyOf(lines.map((line) => line.split(' ') as [string, string]));
}
