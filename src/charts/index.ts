// Showing things: in a notebook, in a terminal
export { type DisplayChannel, type DisplayOptions, displayChannel } from './channel';
export { control, type ControlledWork, type ControlOptions, type Choices, type Settings } from './control';
export type { Choice, NumberRange } from './control-form';
export { type LiveOutput, liveOutput } from './live';
export { errorBundle, type FormOptions, type ShowOptions, show, showMarkdown, toBundle } from './display';
export { DISPLAY, type Displayable, MIME, type MimeBundle } from './mime';
export { type ProgressDisplay, type ShowProgressOptions, showProgress } from './progress';

// Tables
export { type ResultRow, type Results, rowsToCsv, type Scalar } from './results';
export { confidenceInterval, duration, formatSummary, meanAndDeviation, type Summary } from '../common';
export type { PublishedFigure } from './published';
export { ResultsTable, resultsTable } from './table';
export type { ResultsTableOptions } from './table-grid';
export { type DifferencesOptions, DifferencesTable, differencesTable } from './differences';

// Charts: result rows → Vega-Lite
export { type BarChartOptions, barChart } from './bars';
export { type DotChartOptions, dotChart } from './dots';
export type { Chart, ChartOptions } from './chart';
export type { IntervalKind } from './groups';
export { type HeatMap, type HeatMapOptions, type HeatMapPlace, heatMap } from './heatmap';
export { type LineChartOptions, lineChart } from './lines';
export { chartBundle, renderPng, renderSvg, saveChart } from './render';
export { type ScatterOptions, scatter } from './scatter';
export { type Animation, animation, type AnimationOptions } from './animation';
export type { VegaLiteSpec } from './spec';
export { NEUTRAL, PALETTE, type ThemeMode } from './theme';
export { type FieldPanel, type VectorFieldOptions, vectorField } from './vector-field';

// Pictures
export { type ColormapName, colormap, viridis } from './colormap';
export { type Box, drawBox, enlarge, type HeatOverlayOptions, heatImage, heatOverlay } from './draw';
export { distilledPicture, type DistilledPictureOptions, type PicturedSet } from './distilled-picture';
export { type ImageGrid, type ImageGridOptions, imageGrid, isImageGrid } from './gallery';

// Sharing results, and running them again
export { shareCommand, verifyCommand } from './commands';
export {
  type IndexEntry,
  indexPage,
  joined,
  type Notebook,
  readNotebook,
  type Shared,
  share,
  thumbnail,
} from './share';
export { compareResults, type Difference, executeNotebook, type Verification, verify } from './verify';
