/** Every table and figure, by the name of its notebook. */
import { calibration } from './calibration';
import { figure4 } from './diffusion-driven-selection/figure-4';
import { figure5 } from './diffusion-driven-selection/figure-5';
import { figure6 } from './diffusion-driven-selection/figure-6';
import { figure7 } from './diffusion-driven-selection/figure-7';
import { figure8 } from './diffusion-driven-selection/figure-8';
import { figure9 } from './diffusion-driven-selection/figure-9';
import { figure10 } from './diffusion-driven-selection/figure-10';
import { figure11 } from './diffusion-driven-selection/figure-11';
import { figure12 } from './diffusion-driven-selection/figure-12';
import { figure13 } from './diffusion-driven-selection/figure-13';
import { figure14 } from './diffusion-driven-selection/figure-14';
import { table1 } from './diffusion-driven-selection/table-1';
import { table2 } from './diffusion-driven-selection/table-2';
import { table3 } from './diffusion-driven-selection/table-3';
import { table4 } from './diffusion-driven-selection/table-4';
import { table5 } from './diffusion-driven-selection/table-5';
import { table6 } from './diffusion-driven-selection/table-6';
import { table7 } from './diffusion-driven-selection/table-7';
import { table8 } from './diffusion-driven-selection/table-8';
import { table9 } from './diffusion-driven-selection/table-9';
import { type CatalogueItem, type Exhibit, isExhibit } from './exhibit';
import type { Experiment } from './experiment';
import { fairness } from './fairness';
import { memoryEvidence } from './self-adaptive-memory/memory-evidence';
import { memoryFigure1 } from './self-adaptive-memory/memory-figure-1';
import { memoryFigure3 } from './self-adaptive-memory/memory-figure-3';
import { memoryFigure4 } from './self-adaptive-memory/memory-figure-4';
import { memoryTable1 } from './self-adaptive-memory/memory-table-1';
import { memoryTable2 } from './self-adaptive-memory/memory-table-2';
import { memoryTable3 } from './self-adaptive-memory/memory-table-3';
import { tour } from './tour';
import { yardstick } from './yardstick';

/** Tables and charts of accuracies. */
const tables: readonly Experiment[] = [
  tour,
  calibration,
  yardstick,
  fairness,
  table1,
  table2,
  table3,
  table5,
  table6,
  table7,
  table8,
  table9,
  figure6,
  figure7,
  figure8,
  memoryTable1,
  memoryTable2,
  memoryTable3,
  memoryFigure4,
];

/** Pictures, times and counts. */
const exhibits: readonly Exhibit[] = [
  table4,
  figure4,
  figure5,
  figure9,
  figure10,
  figure11,
  figure12,
  figure13,
  figure14,
  memoryFigure1,
  memoryFigure3,
  memoryEvidence,
];

export const catalogue: readonly CatalogueItem[] = [...tables, ...exhibits];

/** The items that are tables of accuracies. */
export const tablesOf = (items: readonly CatalogueItem[]): Experiment[] =>
  items.filter((one): one is Experiment => !isExhibit(one));

/** A table, figure or other item by its name. @throws Error listing the known names */
export function itemNamed(name: string, items: readonly CatalogueItem[] = catalogue): CatalogueItem {
  const found = items.find((one) => one.name === name);
  if (found) return found;
  throw new Error(`Expected an experiment among ${items.map((one) => one.name).join(', ')}, got '${name}'.`);
}
