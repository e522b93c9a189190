/** Positions in text: Jupyter counts Unicode code points, JavaScript counts UTF-16 units. */

/** Code points → UTF-16 units. */
export function toUnits(text: string, points: number): number {
  let units = 0;
  for (const character of text) {
    if (points-- <= 0) break;
    units += character.length;
  }
  return units;
}

/** UTF-16 units → code points. */
export function toPoints(text: string, units: number): number {
  return [...text.slice(0, units)].length;
}
