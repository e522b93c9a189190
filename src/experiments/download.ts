/** `npx stillhouse download cifar10`: the official archive, into the folder where it is looked for. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { showProgress } from '../charts';
import { downloadCifar10, downloadCifar100 } from '../datasets';

const sources = { cifar10: downloadCifar10, cifar100: downloadCifar100 };

/** Fetches a dataset. @returns the folder it lies in. @throws naming the datasets there are, or what broke the download. */
export async function download(dataset: string, { to }: { to?: string } = {}): Promise<string> {
  if (!Object.hasOwn(sources, dataset)) {
    throw new Error(`Expected a dataset among ${Object.keys(sources).join(', ')}, got '${dataset}'.`);
  }
  const folder = to ?? join(fileURLToPath(new URL('../../data', import.meta.url)), dataset);
  return sources[dataset as keyof typeof sources]({ folder, onProgress: showProgress(`Downloading ${dataset}`) });
}
