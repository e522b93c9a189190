/** An image's features as a grid of vectors, which can be averaged to fewer cells or over a region. */

/** One feature vector per cell of an image, [height, width, channels] row-major. */
export interface FeatureGrid {
  values: Float32Array;
  height: number;
  width: number;
  channels: number;
}

/** A region in fractions of the image, each 0 … 1. */
export interface Region {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/**
 * Averages the grid to at most `side` × `side` cells. A coarse cell weighs each fine cell by the share of it that it
 * covers. The mean over a region of whole coarse cells is unchanged; for other regions, the coarse cells at the border
 * are treated as uniform.
 */
export function pooledGrid(grid: FeatureGrid, side: number): FeatureGrid {
  if (!Number.isInteger(side) || side < 1) throw new Error(`Expected a grid of at least 1 cell, got ${side}.`);
  const [height, width] = [Math.min(side, grid.height), Math.min(side, grid.width)];
  if (height === grid.height && width === grid.width) return grid;
  const values = new Float32Array(height * width * grid.channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const region = { top: y / height, left: x / width, bottom: (y + 1) / height, right: (x + 1) / width };
      values.set(meanUnder(grid, region), (y * width + x) * grid.channels);
    }
  }
  return { values, height, width, channels: grid.channels };
}

/**
 * The mean of a grid over a region, each cell weighted by its area inside the region, scaled to unit length.
 * @throws if the region is empty or extends beyond the image
 */
export function pooledFeature(grid: FeatureGrid, region: Region): Float32Array {
  return unitVector(meanUnder(grid, region));
}

/** The vector scaled to Euclidean length 1; a zero vector stays zero. */
export function unitVector(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value ** 2, 0)) || 1;
  return vector.map((value) => value / length);
}

function meanUnder({ values, height, width, channels }: FeatureGrid, region: Region): Float32Array {
  const { top, left, bottom, right } = region;
  const isInside = top >= -1e-6 && left >= -1e-6 && bottom <= 1 + 1e-6 && right <= 1 + 1e-6;
  if (!isInside || !(top < bottom && left < right)) {
    throw new Error(`Expected a region inside the image, got rows ${top} … ${bottom}, columns ${left} … ${right}.`);
  }
  const rows = overlaps(top, bottom, height);
  const columns = overlaps(left, right, width);
  const sums = new Float64Array(channels);
  let area = 0;
  for (const [y, tall] of rows) {
    for (const [x, wide] of columns) {
      const [share, cell] = [tall * wide, (y * width + x) * channels];
      area += share;
      for (let c = 0; c < channels; c++) sums[c]! += share * values[cell + c]!;
    }
  }
  return Float32Array.from(sums, (sum) => sum / area);
}

/** Cells that an interval within 0 … 1 touches, each with the share of it that is covered. */
function overlaps(from: number, to: number, cells: number): [cell: number, share: number][] {
  const found: [number, number][] = [];
  const [start, end] = [from * cells, to * cells];
  for (let cell = Math.max(0, Math.floor(start)); cell < Math.min(cells, Math.ceil(end)); cell++) {
    const share = Math.min(end, cell + 1) - Math.max(start, cell);
    // A sliver of a neighbouring cell comes from rounding, not from the region.
    if (share > 1e-9) found.push([cell, share]);
  }
  return found;
}
