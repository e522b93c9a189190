/** Every table and figure, by the name of its notebook. */
import { calibration } from './calibration';
import { figure6 } from './diffusion-driven-selection/figure-6';
import { figure7 } from './diffusion-driven-selection/figure-7';
import { figure8 } from './diffusion-driven-selection/figure-8';
import { table5 } from './diffusion-driven-selection/table-5';
import { table6 } from './diffusion-driven-selection/table-6';
import { table7 } from './diffusion-driven-selection/table-7';
import { table9 } from './diffusion-driven-selection/table-9';
import type { Experiment } from './experiment';
import { tour } from './tour';

export const catalogue: readonly Experiment[] = [
  tour,
  calibration,
  table5,
  table6,
  table7,
  table9,
  figure6,
  figure7,
  figure8,
].map((one) => one as unknown as Experiment);

/** An experiment by its name. @throws naming those there are */
export function experimentNamed(name: string): Experiment {
  const found = catalogue.find((one) => one.name === name);
  if (found) return found;
  throw new Error(`Expected an experiment among ${catalogue.map((one) => one.name).join(', ')}, got '${name}'.`);
}
