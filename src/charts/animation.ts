/** Charts one after the other, as one moving picture. */
import { DISPLAY, type Displayable, MIME, type MimeBundle, withMetadata } from './mime';
import { describeChart, renderSvg } from './render';
import { svgToPng } from './rasterise';
import type { VegaLiteSpec } from './spec';
import { INK, type ThemeMode } from './theme';

export interface AnimationOptions {
  /** Time of a frame, ms. @default 120 */
  delay?: number;
  /** Time of the last frame, ms. @default 2000 */
  hold?: number;
  /** Look of the frames. A moving picture has no half transparent pixels: 'either' would be ragged. @default 'light' */
  mode?: Exclude<ThemeMode, 'either'>;
  /** Pixels per unit of a chart. @default 1.5 */
  scale?: number;
  /** Colours of a frame, 2 … 256. A chart of three hues needs 16, which halve its bytes. @default 32 */
  colours?: number;
}

/** A GIF, which every reader of notebooks moves. */
export interface Animation extends Displayable {
  gif: Buffer;
  /** Size on the page, pixels. */
  width: number;
}

/**
 * Draws the frames and joins them, in the size of the largest; it begins again after the last.
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
