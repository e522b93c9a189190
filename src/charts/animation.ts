/** Several charts as the frames of an animated GIF. */
import { DISPLAY, type Displayable, MIME, type MimeBundle, withMetadata } from './mime';
import { describeChart, renderSvg } from './render';
import { svgToPng } from './rasterise';
import type { VegaLiteSpec } from './spec';
import { INK, type ThemeMode } from './theme';

export interface AnimationOptions {
  /** How long a frame stays, ms. @default 120 */
  delay?: number;
  /** How long the last frame stays, ms. @default 2000 */
  hold?: number;
  /** Look of the frames. GIFs have no semi-transparent pixels, so 'either' would have ragged edges. @default 'light' */
  mode?: Exclude<ThemeMode, 'either'>;
  /** Pixels per unit of a chart. @default 1.5 */
  scale?: number;
  /** Colours per frame, 2 … 256. A chart of three hues needs only 16, which halves the file. @default 32 */
  colours?: number;
}

/** A GIF, which every notebook viewer plays. */
export interface Animation extends Displayable {
  gif: Buffer;
  /** Size on the page, pixels. */
  width: number;
}

/**
 * Draws the frames and joins them into a looping GIF, as large as the largest frame.
 * @throws RangeError without a frame
 * @example await show(await animation(steps.map((step) => vectorField(panelsAt(step), options))))
 */
export async function animation(
  frames: readonly VegaLiteSpec[],
  { delay = 120, hold = 2000, mode = 'light', scale = 1.5, colours = 32 }: AnimationOptions = {},
): Promise<Animation> {
  const [first] = frames;
  if (!first) throw new RangeError('Expected at least one frame, got none.');
  const { default: sharp } = await import('sharp');
  const drawn: Buffer[] = [];
  for (const frame of frames) drawn.push(await svgToPng(await renderSvg(frame, { mode }), { scale }));
  const sizes = await Promise.all(drawn.map((picture) => sharp(picture).metadata()));
  const [wide, high] = [Math.max(...sizes.map(({ width }) => width)), Math.max(...sizes.map(({ height }) => height))];
  const pictures = drawn.map((picture, i) => {
    const { width, height } = sizes[i]!;
    return sharp(picture)
      .extend({ right: wide - width, bottom: high - height, background: INK[mode].background })
      .toBuffer();
  });
  const delays = frames.map((_, i) => (i === frames.length - 1 ? hold : delay));
  const gif = await sharp(await Promise.all(pictures), { join: { animated: true } })
    .gif({ delay: delays, loop: 0, colours, dither: 0 })
    .toBuffer();
  const width = Math.round(wide / scale);
  const text = `${describeChart(first)}, ${frames.length} frames`;
  return {
    gif,
    width,
    [DISPLAY]: (): MimeBundle =>
      withMetadata({ [MIME.gif]: gif.toString('base64'), [MIME.text]: text }, { [MIME.gif]: { width } }),
  };
}
