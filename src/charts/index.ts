// Showing things: in a notebook, in a terminal

// Charts: result rows → Vega-Lite
export { type BarChartOptions, barChart } from './bars';
export { type DisplayChannel, type DisplayOptions, displayChannel } from './channel';
export type { Chart, ChartOptions, VegaLiteSpec } from './chart';
// Pictures
export { type ColormapName, colormap, viridis } from './colormap';
export { errorBundle, type ShowOptions, show, showMarkdown, toBundle } from './display';
export { type Box, drawBox, enlarge, type HeatOverlayOptions, heatImage, heatOverlay } from './draw';
export { type ImageGrid, type ImageGridOptions, imageGrid } from './gallery';
export { type HeatMapOptions, heatMap } from './heatmap';
export { type LineChartOptions, lineChart } from './lines';
export { DISPLAY, type Displayable, MIME, type MimeBundle } from './mime';
export { duration, type ProgressDisplay, type ShowProgressOptions, showProgress } from './progress';
export { chartBundle, renderPng, renderSvg, saveChart } from './render';
// Tables
export { type ResultRow, type Results, rowsToCsv } from './results';
export { type ScatterOptions, scatter } from './scatter';
export { confidenceInterval, formatSummary, meanAndDeviation, type Summary } from './statistics';
export { type PublishedFigure, ResultsTable, type ResultsTableOptions, resultsTable } from './table';
export { NEUTRAL, PALETTE, type ThemeMode } from './theme';
// Passing results on
export { share, type Shared } from './share';
export { compareResults, executeNotebook, verify, type Verification } from './verify';
