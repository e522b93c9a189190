/** Position embedding of tokens: sines and cosines of row and column (Vaswani et al. 2017, in two dimensions). */

/**
 * Fixed embedding of a square grid, [side², width] row-major. The first half of the channels encodes the column, the
 * second the row; each half is sines, then cosines, at frequencies from 1 towards 1/10,000.
 */
export function gridEmbedding(side: number, width: number): Float32Array {
  const quarter = width / 4;
  const values = new Float32Array(side * side * width);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const at = (row * side + column) * width;
      for (let i = 0; i < quarter; i++) {
        const frequency = 1 / 10000 ** (i / quarter);
        values[at + i] = Math.sin(column * frequency);
        values[at + quarter + i] = Math.cos(column * frequency);
        values[at + 2 * quarter + i] = Math.sin(row * frequency);
        values[at + 3 * quarter + i] = Math.cos(row * frequency);
      }
    }
  }
  return values;
}
