/** Figure 3 of paper 000: what the distilled images look like beside the original ones. */
import { LocalExecutor, type RunOptions, run, Store } from '../../sweeps';
import { bindCell } from '../bind-cell';
import type { Exhibit } from '../exhibit';
import { NotAtThisScale, nearestImagesPerClass, type Scale } from '../scales';
import { setsPicture } from '../sets-picture';

const dataset = 'ImageWoof';
const IMAGES_PER_CLASS = 50;

/** Methods, and what they are called beside their images. */
const shown = { random: 'original', DiT: 'DiT', Minimax: 'Minimax', 'self-adaptive memory': 'ours' } as const;
const methods = Object.keys(shown) as (keyof typeof shown)[];

export const memoryFigure3: Exhibit = {
  name: 'memory-figure-3',
  paper: 'self-adaptive memory',
  item: 'Figure 3 of paper 000',
  title: 'original images, DiT, Minimax and ours, at 50 images per class',
  says: 'Images of the dataset beside those that DiT, Minimax and ours generate. The text has lost the pictures; these are the sets of Table 1.',
  methods,
  claims: [],

  async make(scale, options) {
    const imagesPerClass = nearestImagesPerClass(scale, IMAGES_PER_CLASS);
    const sets = await setsAt(scale, imagesPerClass, options);
    const here = scale.world === undefined ? dataset : `${dataset} (here: ${scale.world})`;
    const title = `${here}: the first images of each class`;
    return {
      picture: await setsPicture(
        sets.map(({ method, set }) => ({ name: shown[method], set })),
        { title },
      ),
      rows: sets.map(({ method, set }) => ({ method, imagesPerClass, images: set.images.length })),
      leftOut:
        imagesPerClass === IMAGES_PER_CLASS
          ? []
          : [`${imagesPerClass} images per class in place of ${IMAGES_PER_CLASS}; a larger set begins with these.`],
    };
  },
};

/** The sets of the scale's first seed, in worker processes as a table's, so that both are the same bits. @throws NotAtThisScale */
async function setsAt(scale: Scale, imagesPerClass: number, { store = new Store(), ...options }: RunOptions) {
  const found = (await scale.datasets([dataset])).get(dataset)!;
  if ('missing' in found) throw new NotAtThisScale(found.missing);
  const cells = await Promise.all(
    methods.map((method) =>
      bindCell(
        { dataset, method, imagesPerClass, student: 'ResNetAP-10', protocol: 'idc' },
        scale,
        found,
        scale.pairs[0]!,
      ),
    ),
  );
  const executor = options.executor ?? new LocalExecutor(store);
  try {
    const { output } = await run(
      cells.map(({ distilled }) => distilled),
      { ...options, store, executor },
    );
    return methods.map((method, i) => ({ method, set: output[i]! }));
  } finally {
    if (executor !== options.executor) await executor.close();
  }
}
