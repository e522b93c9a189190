/** Every table and figure, by the name of its notebook. */
import { calibration } from './calibration';
import { figure6 } from './diffusion-driven-selection/figure-6';
import { figure7 } from './diffusion-driven-selection/figure-7';
import { figure8 } from './diffusion-driven-selection/figure-8';
import { table1 } from './diffusion-driven-selection/table-1';
import { table2 } from './diffusion-driven-selection/table-2';
import { table3 } from './diffusion-driven-selection/table-3';
import { table5 } from './diffusion-driven-selection/table-5';
import { table6 } from './diffusion-driven-selection/table-6';
import { table7 } from './diffusion-driven-selection/table-7';
import { table8 } from './diffusion-driven-selection/table-8';
import { table9 } from './diffusion-driven-selection/table-9';
import { type CatalogueItem, isExhibit } from './exhibit';
import type { Experiment } from './experiment';
import { memoryFigure1 } from './self-adaptive-memory/memory-figure-1';
import { tour } from './tour';

/** Tables and charts of accuracies. */
const tables = [
  tour,
  calibration,
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
].map((one) => one as unknown as Experiment);

export const catalogue: readonly CatalogueItem[] = [...tables, memoryFigure1];

/** Those of the catalogue that are tables of accuracies. */
export const tablesOf = (items: readonly CatalogueItem[]): Experiment[] =>
  items.filter((one): one is Experiment => !isExhibit(one));

/** A table, figure or other item by its name. @throws naming those there are */
export function itemNamed(name: string): CatalogueItem {
  const found = catalogue.find((one) => one.name === name);
  if (found) return found;
  throw new Error(`Expected an experiment among ${catalogue.map((one) => one.name).join(', ')}, got '${name}'.`);
}
