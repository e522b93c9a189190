/** Vector fields: arrows in a plane over a cloud of points, with the paths of points that follow them. */
import { type Chart, type ChartOptions, panels } from './chart';
import { NEUTRAL, PALETTE } from './theme';

/** x and y. */
type PlanePoint = readonly [x: number, y: number];

/** One plane. All parts are optional. */
export interface FieldPanel {
  title: string;
  /** Points in blue without outlines, which merge into an area where they are dense. */
  cloud?: readonly PlanePoint[];
  arrows?: readonly { from: PlanePoint; direction: PlanePoint }[];
  /** Lines with a grey dot at the start and an orange one at the end. */
  paths?: readonly (readonly PlanePoint[])[];
  /** Orange points. */
  dots?: readonly PlanePoint[];
}

export interface VectorFieldOptions extends ChartOptions {
  /** Limits of the drawing. Arrows and points outside are left out. */
  x: readonly [from: number, to: number];
  y: readonly [from: number, to: number];
  /** Panels per row. @default 3 */
  columns?: number;
}

const [CLOUD, END] = PALETTE;
const WIDTH = 250;

/**
 * One panel per plane, all on the same scale. The longest arrow of all panels has full size; the size of the others goes
 * by the square root of their length.
 * @throws RangeError without a panel.
 * @example vectorField([{ title: 'DiT', cloud, arrows, paths }], { x: [-2, 2], y: [-2, 2] })
 */
export function vectorField(list: readonly FieldPanel[], options: VectorFieldOptions): Chart {
  const { x, y, columns = 3, width = WIDTH } = options;
  const height = options.height ?? Math.round((width * (y[1] - y[0])) / (x[1] - x[0]));
  const longest = Math.max(
    ...list.flatMap(({ arrows = [] }) => arrows.map(({ direction }) => Math.hypot(...direction))),
  );
  const marks = (panel: FieldPanel) => ({ layer: layersOf(panel, { x, y, longest }) });
  return panels(
    list.map((panel) => ({ title: panel.title, marks: marks(panel) })),
    { ...options, width, height },
    { columns },
  );
}

/** Rounds to four digits, which is finer than a pixel of a panel. */
const fine = (value: number): number => Number(value.toPrecision(4));

interface PanelLook extends Pick<VectorFieldOptions, 'x' | 'y'> {
  longest: number;
}

function layersOf(
  { cloud = [], arrows = [], paths = [], dots = [] }: FieldPanel,
  { x, y, longest }: PanelLook,
): Record<string, unknown>[] {
  const inside = ([px, py]: PlanePoint): boolean => px >= x[0] && px <= x[1] && py >= y[0] && py <= y[1];
  const placed = (points: readonly PlanePoint[]) =>
    points.filter(inside).map(([px, py]) => ({ x: fine(px), y: fine(py) }));
  const axis = (domain: readonly [number, number]) => ({
    type: 'quantitative',
    scale: { domain, nice: false, zero: false },
    axis: null,
  });
  const at = { x: { field: 'x', ...axis(x) }, y: { field: 'y', ...axis(y) } };
  const dot = (values: readonly PlanePoint[], color: string, size: number, opacity: number) => ({
    data: { values: placed(values) },
    mark: { type: 'point', filled: true, color, size, opacity, clip: true, aria: false },
    encoding: at,
  });
  const lines = paths.flatMap((path, index) =>
    path.map(([px, py], step) => ({ x: fine(px), y: fine(py), path: index, step })),
  );
  const layers = [
    ...(cloud.length > 0 ? [dot(cloud, CLOUD, 26, 0.16)] : []),
    ...(arrows.length > 0
      ? [
          arrowMarks(
            arrows.filter(({ from }) => inside(from)),
            at,
            longest,
          ),
        ]
      : []),
    ...(paths.length > 0
      ? [
          {
            data: { values: lines },
            mark: { type: 'line', color: NEUTRAL, strokeWidth: 1.2, clip: true, aria: false },
            encoding: { ...at, detail: { field: 'path' }, order: { field: 'step' } },
          },
          dot(
            paths.map((path) => path[0]!),
            NEUTRAL,
            22,
            1,
          ),
          dot(
            paths.map((path) => path.at(-1)!),
            END,
            34,
            1,
          ),
        ]
      : []),
    ...(dots.length > 0 ? [dot(dots, END, 26, 0.9)] : []),
  ];
  return layers.length > 0 ? layers : [dot([], CLOUD, 1, 1)];
}

function arrowMarks(
  arrows: NonNullable<FieldPanel['arrows']>,
  at: Record<string, unknown>,
  longest: number,
): Record<string, unknown> {
  const values = arrows.map(({ from, direction: [dx, dy] }) => ({
    x: fine(from[0]),
    y: fine(from[1]),
    // Vega turns symbols clockwise, from upwards.
    angle: Math.round((Math.atan2(dx, dy) * 180) / Math.PI),
    size: longest > 0 ? fine(110 * Math.sqrt(Math.hypot(dx, dy) / longest)) : 0,
  }));
  return {
    data: { values },
    mark: { type: 'point', shape: 'arrow', filled: true, color: NEUTRAL, opacity: 0.75, clip: true, aria: false },
    encoding: {
      ...at,
      angle: { field: 'angle', type: 'quantitative', scale: null },
      size: { field: 'size', type: 'quantitative', scale: null },
    },
  };
}
