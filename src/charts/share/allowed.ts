/** The elements and attributes that `sanitize.ts` keeps. */

const words = (text: string) => text.trim().split(/\s+/);

// Names that SVG spells with capitals, by their lower-case form.
const SVG = words(`svg g path rect circle ellipse line polyline polygon text tspan defs clipPath linearGradient
  radialGradient stop marker pattern mask symbol use image`);
export const SVG_NAMES = new Map(SVG.map((name) => [name.toLowerCase(), name]));

export const ELEMENTS = new Set([
  ...words(`a abbr b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure
    h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark meter ol p pre progress q s samp section small span strike strong sub summary sup table
    tbody td tfoot th thead time tr tt u ul var`),
  ...SVG_NAMES.keys(),
]);

/** Elements that are left out together with their content. */
export const DROPPED = new Set(
  words(`script style iframe object embed applet noscript template textarea select title desc metadata math xmp plaintext
    noembed noframes foreignobject audio video canvas frame frameset head link meta base input button animate
    animatemotion animatetransform animatecolor set handler listener feimage mpath dialog portal slot`),
);

/** Elements whose content is plain text up to the end tag, even if it looks like markup. */
export const RAW_TEXT = new Set(words('script style textarea title xmp iframe noembed noframes noscript plaintext'));

export const VOID = new Set(words('br hr img col link meta base input embed frame'));

/** Attributes that neither run nor load anything; `sanitize.ts` handles those that need a check. */
export const ATTRIBUTES = new Set(
  words(`class title align valign width height colspan rowspan scope alt role dir lang open start type value max min datetime abbr
    viewbox preserveaspectratio transform d x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy points offset pathlength
    fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset stroke-linecap
    stroke-linejoin stroke-miterlimit opacity color stop-color stop-opacity clip-path clip-rule mask marker-start marker-mid
    marker-end gradientunits gradienttransform spreadmethod patternunits patterncontentunits patterntransform
    markerwidth markerheight markerunits refx refy orient clippathunits maskunits text-anchor dominant-baseline
    alignment-baseline baseline-shift font-family font-size font-style font-weight letter-spacing word-spacing
    text-decoration visibility display overflow version xml:space shape-rendering text-rendering image-rendering
    vector-effect paint-order`),
);

/** Attributes that SVG spells with capitals, by their lower-case form. */
export const SVG_ATTRIBUTES = new Map(
  words(`viewBox preserveAspectRatio pathLength gradientUnits gradientTransform spreadMethod patternUnits
    patternContentUnits patternTransform markerWidth markerHeight markerUnits refX refY clipPathUnits maskUnits`).map(
    (name) => [name.toLowerCase(), name],
  ),
);
