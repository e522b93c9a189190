/** How tensors are shown: shape, type, range, and a picture if the shape allows. Doesn't load TensorFlow. */

import type { Pixels } from '../datasets';
import type { Tensor } from '../engine';
import { enlarge, extremes, heatImage } from './draw';
import { escapeHtml } from './escape';
import { imageGrid, pngBundle } from './gallery';
import { MIME, type MimeBundle } from './mime';
import { formatNumber } from './plain-table';
import { styledHtml } from './style';

/** Whether a value is a tfjs tensor or variable, alive or disposed. */
export function isTensor(value: unknown): value is Tensor {
  const tensor = value as Partial<Tensor> | null | undefined;
  return (
    Array.isArray(tensor?.shape) &&
    typeof tensor.dtype === 'string' &&
    typeof tensor.data === 'function' &&
    'dataId' in tensor
  );
}

/** Numbers that describe a tensor's content. */
export interface TensorSummary {
  min: number;
  mean: number;
  max: number;
  sd: number;
  /** How many elements are NaN, and how many are infinite; both are left out of the other numbers. */
  nan: number;
  infinite: number;
}

/** Range, mean and non-finite counts of values. Range and mean are NaN if there is no finite value. */
export function summarise(values: ArrayLike<number>): TensorSummary {
  let [sum, squares, finite, nan, infinite] = [0, 0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
    else {
      finite++;
      const before = sum / Math.max(1, finite - 1);
      sum += value;
      if (finite > 1) squares += (value - before) * (value - sum / finite);
    }
  }
  const [min, max] = finite ? extremes(values) : [Number.NaN, Number.NaN];
  return {
    min,
    max,
    mean: finite ? sum / finite : Number.NaN,
    sd: finite ? Math.sqrt(squares / finite) : Number.NaN,
    nan,
    infinite,
  };
}

/** Longest tensor whose values are printed. */
const PRINTED = 12;
/** Default limit on the images shown of a batch. */
const BATCH = 10;

/** The bundle of a tensor: a summary, and a picture (images or a heat map) if the shape allows one. */
export async function tensorBundle(
  tensor: Tensor,
  { title, limit = BATCH }: { title?: string; limit?: number } = {},
): Promise<MimeBundle> {
  const shape = `[${tensor.shape.join(', ')}]`;
  const name = title ?? 'Tensor';
  if (tensor.isDisposed) return { [MIME.text]: `${name} ${shape} ${tensor.dtype}, disposed` };
  const data = await tensor.data();
  if (tensor.dtype === 'string')
    return { [MIME.text]: `${name} ${shape} string: ${[...data].slice(0, PRINTED).join(', ')}` };
  const values = data as unknown as ArrayLike<number>;
  const summary = summarise(values);
  const facts = describe(values, summary);
  const text = `${name} ${shape} ${tensor.dtype}: ${facts}`;
  const pictures = tensorPictures(values, tensor.shape, summary, limit);
  const warning = summary.nan + summary.infinite > 0;
  const label = `<b>${escapeHtml(name)}</b> <code>${shape}</code> ${tensor.dtype} <span class="sh-quiet">${escapeHtml(facts)}</span>`;
  const html = warning ? `<div class="sh-error">${label}</div>` : `<div>${label}</div>`;
  if (!pictures) return { [MIME.html]: styledHtml(html), [MIME.text]: text };
  const grid = await imageGrid(pictures, { title: `${name} ${shape} ${tensor.dtype}`, note: facts });
  return pngBundle(grid.png, { width: grid.width, text });
}

function describe(values: ArrayLike<number>, { min, mean, max, sd, nan, infinite }: TensorSummary): string {
  const bad = [nan ? `${nan} NaN` : '', infinite ? `${infinite} infinite` : ''].filter(Boolean).join(', ');
  if (values.length <= PRINTED) return `${Array.from(values, (value) => formatNumber(value)).join(', ')}`;
  return [
    `min ${formatNumber(min)}`,
    `mean ${formatNumber(mean)}`,
    `max ${formatNumber(max)}`,
    `sd ${formatNumber(sd)}`,
    bad,
  ]
    .filter(Boolean)
    .join(', ');
}

/**
 * Pictures of a tensor: [N,H,W,3|1] and [H,W,3|1] as images, H and W in 4 … 1024; [H,W] as a heat map, in 2 … 512.
 * Undefined for other shapes.
 */
export function tensorPictures(
  values: ArrayLike<number>,
  shape: readonly number[],
  summary: TensorSummary,
  limit = BATCH,
): Pixels[] | undefined {
  const channels = shape.at(-1);
  if ((shape.length === 3 || shape.length === 4) && (channels === 3 || channels === 1)) {
    const [height = 0, width = 0] = shape.slice(-3);
    if (height < 4 || width < 4 || height > 1024 || width > 1024) return undefined;
    const count = Math.min(limit, shape.length === 4 ? (shape[0] ?? 0) : 1);
    const size = height * width * channels;
    return count
      ? Array.from({ length: count }, (_, i) => toPixels(values, i * size, height, width, channels, summary))
      : undefined;
  }
  if (shape.length === 2) {
    const [height = 0, width = 0] = shape;
    if (height < 2 || width < 2 || height > 512 || width > 512) return undefined;
    return [enlarge(heatImage(values, { height, width }), Math.max(1, Math.floor(160 / Math.max(height, width))))];
  }
  return undefined;
}

/** Bytes from values in [0, 1], [−1, 1] or [0, 255], whichever range they fit; other ranges are stretched. */
function toPixels(
  values: ArrayLike<number>,
  start: number,
  height: number,
  width: number,
  channels: number,
  { min, max }: TensorSummary,
): Pixels {
  const [low, high] = max > 255 || min < -1.5 ? [min, max] : max > 1.5 ? [0, 255] : min < 0 ? [-1, 1] : [0, 1];
  const data = new Uint8Array(height * width * 3);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++) {
      const value = values[start + i * channels + (channels === 3 ? c : 0)]!;
      data[i * 3 + c] = Math.round(Math.min(255, Math.max(0, ((value - low) / (high - low || 1)) * 255)));
    }
  }
  return { data, height, width };
}
