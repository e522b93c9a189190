/** A grid of coloured cells with the figure written in each. */
import { type Chart, type ChartOptions, chart, distinct, groups } from './chart';
import { viridis } from './colormap';
import type { ResultRow } from './results';
import { SEQUENTIAL } from './theme';

export interface HeatMapOptions extends ChartOptions {
  x: string;
  y: string;
  /** The measured field; rows that share x and y are averaged. */
  value: string;
  percent?: boolean;
  unit?: string;
  /** Digits written in the cells. Default: 1. */
  digits?: number;
  /** Limits of the colour scale. Default: the smallest and largest mean. */
  domain?: readonly [number, number];
}

/**
 * Means on an x × y grid, viridis, dark text on light cells and light text on dark ones.
 * @example heatMap(rows, { x: 'clusters', y: 'patch size', value: 'accuracy', percent: true })
 */
export function heatMap(rows: readonly ResultRow[], options: HeatMapOptions): Chart {
  const { x, y, value, percent = false, digits = 1 } = options;
  const found = groups(rows, [x, y], value, percent);
  const means = found.map(({ mean }) => mean);
  const [low, high] = options.domain ?? [Math.min(...means), Math.max(...means)];
  const values = found.map(({ fields, mean, sd, n }) => {
    const [r, g, b] = viridis(high > low ? (mean - low) / (high - low) : 0.5);
    const light = 0.2126 * r + 0.7152 * g + 0.0722 * b > 115;
    return { ...fields, mean, sd, n, label: mean.toFixed(digits), light };
  });
  const tooltip = [
    { field: x },
    { field: y },
    { field: 'mean', type: 'quantitative', format: `.${digits + 1}f` },
    { field: 'sd' },
    { field: 'n' },
  ];
  const unit = options.unit ?? (percent ? '%' : undefined);
  return chart(
    {
      data: { values },
      encoding: {
        x: { field: x, type: 'ordinal', sort: null, axis: { domain: false } },
        y: { field: y, type: 'ordinal', sort: null, axis: { grid: false } },
        tooltip,
      },
      layer: [
        {
          mark: { type: 'rect', cornerRadius: 2, stroke: null },
          encoding: {
            color: {
              field: 'mean',
              type: 'quantitative',
              scale: { scheme: SEQUENTIAL, domain: [low, high] },
              legend: { title: unit ? `${value} (${unit})` : value, gradientLength: 120 },
            },
          },
        },
        {
          mark: { type: 'text', fontSize: 12 },
          encoding: {
            text: { field: 'label' },
            color: { condition: { test: 'datum.light', value: '#10151c' }, value: '#ffffff' },
          },
        },
      ],
    },
    {
      ...options,
      width: options.width ?? Math.min(640, Math.max(160, 64 * distinct(rows, x).length)),
      height: options.height ?? Math.min(560, Math.max(80, 40 * distinct(rows, y).length)),
    },
  );
}
