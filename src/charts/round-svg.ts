/** Rounds the coordinates of SVG documents to what the eye can see, which halves the bytes that Vega writes. */

/** Attributes that hold geometry, in pixels or degrees. (`aria-label` holds numbers too, but as text to be read.) */
const GEOMETRY = / (d|transform|points|viewBox|x|y|x1|y1|x2|y2|cx|cy|r|rx|ry|dx|dy|width|height)="[^"]*"/g;

/** Rounds the geometry of an SVG document to hundredths of a pixel or a degree. Text stays as it is. */
export function roundSvg(svg: string): string {
  const rounded = (attribute: string): string =>
    attribute.replace(/-?\d*\.\d{3,}(?:e-\d+)?/g, (number) =>
      Number(number)
        .toFixed(2)
        .replace(/\.?0+$/, ''),
    );
  return svg.replace(/<[a-zA-Z][^<>]*>/g, (tag) => tag.replace(GEOMETRY, rounded));
}
