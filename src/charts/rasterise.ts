/** SVG → PNG by sharp, with readable text even where no font is installed. */
import { strokeText } from './stroke-font';

export interface RasteriseOptions {
  /** Pixels per SVG unit. Default: 1. */
  scale?: number;
  /** Draw text with our own stroke font. Default: only if the machine has no fonts. */
  strokes?: boolean;
  /** Reduce to 256 colours, which halves the bytes of a chart. Default: false. */
  palette?: boolean;
}

/** Renders an SVG document with an alpha channel, transparent where the SVG draws nothing. */
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

/** Whether librsvg finds any font. Without one, all letters look alike (nothing, or a box), so we compare two. */
function fontsInstalled(): Promise<boolean> {
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
