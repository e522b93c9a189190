/**
 * Widths of text without a canvas: Helvetica's advance widths (in thousandths of the font size), which Arial and
 * Liberation Sans share. Vega's own estimate (0.8 em per character) leaves legends half empty.
 */
const WIDTHS =
  '278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 ' + // space … /
  '556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 ' + // 0 … ?
  '1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 ' + // @ … O
  '667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 ' + // P … _
  '333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 ' + // ` … o
  '556 556 333 500 278 556 500 722 500 500 500 334 260 334 584'; // p … ~
const TABLE = WIDTHS.split(' ').map(Number);

/** DejaVu Sans, the last font that charts ask for, is wider by about this factor; text must fit in it too. */
const WIDEST = 1.14;

/** Width of a line of text, px, in the widest font that it may be drawn in. @param size font size, px */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) width += TABLE[(character.codePointAt(0) ?? 0) - 32] ?? 600;
  return (width * size * WIDEST) / 1000;
}
