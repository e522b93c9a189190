/** The byte alphabet of byte-level tokenizers (GPT-2, CLIP): every byte as a visible character. */

/** Characters of the 256 bytes in the vocabulary's order: printable bytes as themselves, then the others from U+0100. */
export const BYTE_CHARACTERS: readonly string[] = orderedBytes().map(({ character }) => character);

const CHARACTER_OF_BYTE: readonly string[] = orderedBytes()
  .toSorted((a, b) => a.byte - b.byte)
  .map(({ character }) => character);

const BYTE_OF_CHARACTER = new Map(CHARACTER_OF_BYTE.map((character, byte) => [character, byte]));

function orderedBytes(): { byte: number; character: string }[] {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  const visible = all.filter(printable).map((byte) => ({ byte, character: String.fromCodePoint(byte) }));
  const others = all.filter((byte) => !printable(byte));
  return [...visible, ...others.map((byte, i) => ({ byte, character: String.fromCodePoint(256 + i) }))];
}

/** UTF-8 bytes of a text as characters. */
export function toByteCharacters(text: string): string[] {
  return Array.from(new TextEncoder().encode(text), (byte) => CHARACTER_OF_BYTE[byte]!);
}

/** The inverse; what isn't a byte character is left out, broken UTF-8 becomes U+FFFD. */
export function fromByteCharacters(characters: string): string {
  const bytes = [...characters].map((c) => BYTE_OF_CHARACTER.get(c)).filter((byte) => byte !== undefined);
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
