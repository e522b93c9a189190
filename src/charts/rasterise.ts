/** SVG → PNG by sharp, with text that appears even where no font is installed. */
import { strokeText } from './stroke-font';

export interface RasteriseOptions {
  /** Pixels per SVG unit. Default: 1. */
  scale?: number;
  /** Draw text with our own strokes. Default: when the machine has no fonts. */
  strokes?: boolean;
  /** Keep 256 colours, the nearest to those drawn: half the bytes for a chart. Default: false. */
  palette?: boolean;
}

/** Renders an SVG document. The result has an alpha channel; nothing is drawn where the SVG draws nothing. */
export async function svgToPng(
  svg: string,
  { scale = 1, strokes, palette = false }: RasteriseOptions = {},
): Promise<Buffer> {
  const drawn = (strokes ?? !(await fontsInstalled())) ? strokeText(svg) : svg;
  const { default: sharp } = await import('sharp');
  return sharp(Buffer.from(drawn), { density: 72 * scale })
    .png({ compressionLevel: 9, ...(palette && { palette, dither: 0 }) })
    .toBuffer();
}

let installed: Promise<boolean> | undefined;

/** Whether librsvg finds any font. Without one it draws nothing, or one box for every letter: two letters are compared. */
export function fontsInstalled(): Promise<boolean> {
  installed ??= (async () => {
    const { default: sharp } = await import('sharp');
    const [H, i] = await Promise.all(
      ['H', 'i'].map((letter) => {
        const text = `<text x="2" y="20" font-family="sans-serif" font-size="20">${letter}</text>`;
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24">${text}</svg>`;
        return sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer();
      }),
    );
    return !H!.equals(i!);
  })();
  return installed;
}
