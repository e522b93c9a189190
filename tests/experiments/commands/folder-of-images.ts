/** A folder of small PNG files, `train/<class>/<k>.png`, for commands that take one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePng } from '../../../src/datasets';
import { smallDataset } from '../../methods/small-dataset';

/** Writes `perClass` images of each class. @returns the folder */
export async function folderOfImages(
  home: string,
  { classes = ['kettle', 'pan'], perClass = 6, name = 'photos' } = {},
): Promise<string> {
  const dataset = smallDataset({ classes, perClass });
  for (const [i, label] of dataset.labels.entries()) {
    const folder = join(home, name, 'train', classes[label]!);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${i}.png`), await encodePng(await dataset.image(i)));
  }
  return join(home, name);
}
