/** Stage I's second half: from a differential noise map to scored, non-overlapping patches (paper 001, equation 7). */

/** A square region of an image, pixels. */
export interface Box {
  top: number;
  left: number;
  size: number;
}

/** A map over the pixels of an image, row-major. */
export interface PixelMap {
  values: Float32Array;
  height: number;
  width: number;
}

/**
 * Mean of the map under every position of a size × size window: average pooling with stride 1 and no padding
 * (equation 7), by a summed-area table in double precision.
 * @throws when the window does not fit the map.
 */
export function patchScores(map: PixelMap, size: number): PixelMap {
  const { values, height, width } = map;
  if (!Number.isInteger(size) || size < 1 || size > Math.min(height, width)) {
    throw new Error(
      `Expected a patch size of 1 to ${Math.min(height, width)} pixels for a ${height}×${width} map, got ${size}.`,
    );
  }
  const stride = width + 1;
  const sums = new Float64Array((height + 1) * stride);
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += values[y * width + x]!;
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1]! + row;
    }
  }
  const [rows, columns, area] = [height - size + 1, width - size + 1, size * size];
  const scores = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const [above, below] = [y * stride + x, (y + size) * stride + x];
      scores[y * columns + x] = (sums[below + size]! - sums[below]! - sums[above + size]! + sums[above]!) / area;
    }
  }
  return { values: scores, height: rows, width: columns };
}

/**
 * The best `count` patches of an image that do not overlap: take the highest score, drop every box that touches it,
 * repeat. Returns fewer if no more fit. Ties go to the upper left.
 */
export function bestPatches(map: PixelMap, options: { size: number; count: number }): { box: Box; score: number }[] {
  const { size, count } = options;
  const scores = patchScores(map, size);
  const free = new Uint8Array(scores.values.length).fill(1);
  const found: { box: Box; score: number }[] = [];
  while (found.length < count) {
    let best = -1;
    for (let i = 0; i < free.length; i++) {
      if (free[i] && (best < 0 || scores.values[i]! > scores.values[best]!)) best = i;
    }
    if (best < 0) break;
    const [top, left] = [Math.floor(best / scores.width), best % scores.width];
    found.push({ box: { top, left, size }, score: scores.values[best]! });
    for (let y = Math.max(0, top - size + 1); y < Math.min(scores.height, top + size); y++) {
      const [from, to] = [Math.max(0, left - size + 1), Math.min(scores.width, left + size)];
      free.fill(0, y * scores.width + from, y * scores.width + to);
    }
  }
  return found;
}
