/** CLIP's byte-pair encoding (Sennrich et al. 2016, on bytes, with '</w>' at a word's end). */
import { BYTE_CHARACTERS, toByteCharacters } from './bytes';

export const START = '<|startoftext|>';
export const END = '<|endoftext|>';
const WORD_END = '</w>';

/** Pieces that are encoded separately: contractions, runs of letters, single digits, runs of other characters. */
const PIECES = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;

/** Tokens with their ids, and the pairs to merge in the order they were learned. */
export interface Vocabulary {
  /** Token → id. */
  ids: ReadonlyMap<string, number>;
  merges: readonly (readonly [string, string])[];
}

/** Normalises a text (NFC, single spaces, lower case character by character) and splits it into pieces. */
export function splitPieces(text: string): string[] {
  const clean = text.normalize('NFC').replace(/\p{White_Space}+/gu, ' ');
  const lower = Array.from(clean, (character) => character.toLowerCase()).join('');
  return lower.match(PIECES) ?? [];
}

/** A piece as byte characters, the last one with '</w>'. */
export function pieceSymbols(piece: string): string[] {
  const symbols = toByteCharacters(piece);
  symbols[symbols.length - 1] += WORD_END;
  return symbols;
}

/** Merges every occurrence of a pair, from the left. */
export function mergePair(symbols: readonly string[], [left, right]: readonly [string, string]): string[] {
  const merged: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) {
      merged.push(left + right);
      i++;
    } else merged.push(symbols[i]!);
  }
  return merged;
}

/** Vocabulary in CLIP's numbering: bytes, bytes at a word's end, merges in order, start, end. */
export function vocabularyOf(merges: readonly (readonly [string, string])[]): Vocabulary {
  const tokens = [
    ...BYTE_CHARACTERS,
    ...BYTE_CHARACTERS.map((character) => character + WORD_END),
    ...merges.map((pair) => pair.join('')),
    START,
    END,
  ];
  return { ids: new Map(tokens.map((token, id) => [token, id])), merges };
}

/** Tokens that every vocabulary has: 256 bytes, the same at a word's end, start and end. */
export const SMALLEST_VOCABULARY = 2 * 256 + 2;

/**
 * Learns a vocabulary in CLIP's format from texts by merging the most frequent pair repeatedly (ties: in the order of
 * code units).
 * @param size maximum number of tokens, at least 514; there are fewer if no pair is left
 */
export function trainBpe(texts: Iterable<string>, size: number): Vocabulary {
  if (!Number.isInteger(size) || size < SMALLEST_VOCABULARY) {
    throw new Error(
      `Expected a vocabulary size of at least ${SMALLEST_VOCABULARY} (all bytes, start and end), got ${size}.`,
    );
  }
  const counts = new Map<string, number>();
  for (const text of texts) for (const piece of splitPieces(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  let words = [...counts].map(([piece, count]) => ({ symbols: pieceSymbols(piece), count }));
  const merges: (readonly [string, string])[] = [];
  const known = new Set<string>();
  while (merges.length < size - SMALLEST_VOCABULARY) {
    const pair = commonestPair(words, known);
    if (!pair) break;
    merges.push(pair);
    known.add(pair.join(''));
    words = words.map(({ symbols, count }) => ({ symbols: mergePair(symbols, pair), count }));
  }
  return vocabularyOf(merges);
}

function commonestPair(
  words: readonly { symbols: readonly string[]; count: number }[],
  known: ReadonlySet<string>,
): readonly [string, string] | undefined {
  const pairs = new Map<string, { pair: readonly [string, string]; count: number }>();
  for (const { symbols, count } of words) {
    for (let i = 1; i < symbols.length; i++) {
      const key = `${symbols[i - 1]} ${symbols[i]}`;
      const entry = pairs.get(key);
      if (entry) entry.count += count;
      else pairs.set(key, { pair: [symbols[i - 1]!, symbols[i]!], count });
    }
  }
  let best: { key: string; pair: readonly [string, string]; count: number } | undefined;
  for (const [key, { pair, count }] of pairs) {
    if (known.has(pair.join(''))) continue; // the same token from another pair would get a second id
    if (!best || count > best.count || (count === best.count && key < best.key)) best = { key, pair, count };
  }
  return best?.pair;
}
