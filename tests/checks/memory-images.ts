/**
 * Why do generated images teach less than real ones at scale `mini`? `node --import tsx tests/checks/memory-images.ts`.
 * Students learn ten images per class of draw 7 of the studio, which no table shows: real ones, the same ones through the
 * prior's autoencoder, and the DiT's at several strengths of guidance, on three latent channels or on all. Five minutes.
 */
import { imagesToTensor, stillLife, tensorToImages } from '../../src/datasets';
import { ClassConditionalDiffusion } from '../../src/diffusion';
import { tf } from '../../src/engine';
import { evaluate, idcProtocol, openLabelled } from '../../src/evaluation';
import { priorFolder } from '../../src/experiments';
import { scaleOf } from '../../src/experiments/scales';
import { type DistilledSet, ditSampling, randomSelection } from '../../src/methods';

const draw = { seed: 7, size: 64, scenery: 'studio' } as const;
const imagesPerClass = 10;
const train = stillLife({ ...draw, split: 'train', perClass: 200 });
const { networks, recipe, generation } = scaleOf('mini', 'self-adaptive memory');
const { size = draw.size, ...chosen } = recipe.idc!;
const student = networks['ResNetAP-10']!;
const prior = await ClassConditionalDiffusion.load(priorFolder(generation!.prior));
const test = await openLabelled(stillLife({ ...draw, split: 'test', perClass: 50 }), {
  size,
  preparation: idcProtocol.test,
});

async function print(what: string, set: DistilledSet) {
  const [row] = await evaluate(set, test, {
    ...chosen,
    student,
    protocol: 'idc',
    precision: 'bfloat16',
    seeds: [100],
  });
  console.log(`${what}: ${(100 * row!.accuracy).toFixed(1)} %, loss ${row!.loss.toFixed(2)}`);
}

/** The images as the autoencoder gives them back. */
async function reconstructed(set: DistilledSet): Promise<DistilledSet> {
  const given = tf.tidy(() => {
    const { mean } = prior.vae.encode(imagesToTensor(set.images.map(({ pixels }) => pixels)));
    return prior.vae.decode(mean);
  });
  const images = await tensorToImages(given);
  given.dispose();
  return { ...set, images: set.images.map((image, i) => ({ ...image, pixels: images[i]! })) };
}

const real = await randomSelection(train, { imagesPerClass, seed: 100 });
await print('real images', real);
await print('real images through the autoencoder', await reconstructed(real));
for (const [guidance, guidanceOn] of [
  [4, 'three'],
  [4, 'all'],
  [2.5, 'three'],
  [1.5, 'three'],
] as const) {
  const set = await ditSampling(train, {
    prior,
    imagesPerClass,
    guidance,
    guidanceOn,
    precision: 'bfloat16',
    seed: 100,
  });
  await print(`DiT, guidance ${guidance} on ${guidanceOn} channels`, set);
}
