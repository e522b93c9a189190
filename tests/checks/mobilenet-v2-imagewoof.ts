/**
 * A published MobileNet-V2 on photos of ImageWoof: about 79 % among ImageNet's 1,000 classes and 97 % among the ten. Proves
 * the network, its depthwise convolutions and the order of ImageNet's classes on weights that nobody here trained. A minute.
 *
 *   npx tsx tests/checks/mobilenet-v2-imagewoof.ts WEIGHTS.npz PHOTOS [--per-class 20]
 */
import { parseArgs } from 'node:util';
import { imageFolder, imageWoof } from '../../src/datasets';
import { tf } from '../../src/engine';
import { buildNetwork, loadLabelled, shareRight } from '../../src/evaluation';
import { mobilenetNormalisation, mobilenetWeights, turnedDataset } from '../helpers/mobilenet-weights';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'per-class': { type: 'string', default: '20' } },
});
const [weights, folder] = positionals;
if (!weights || !folder) throw new Error('Expected the paths of mobilenet_v2_imagenet_q8.npz and of imagewoof.');

const network = buildNetwork('mobilenet_v2', { classes: 1000, size: 224 }).load(mobilenetWeights(weights)).eval();
const photos = await imageFolder({ folder, split: 'val', subset: imageWoof, perClass: Number(values['per-class']) });
const images = await loadLabelled(turnedDataset(photos), {
  size: 224,
  preparation: 'centre',
  normalisation: mobilenetNormalisation,
});

const rows = imageWoof.classes.map(({ index }) => index);
const [among1000, amongTen]: [number[], number[]] = [[], []];
for await (const { images: some } of images.batches(20)) {
  const logits = tf.tidy(() => network.forward(some));
  const ten = tf.gather(logits, tf.tensor1d(rows, 'int32'), 1);
  among1000.push(...tf.argMax(logits, 1).dataSync());
  amongTen.push(...tf.argMax(ten, 1).dataSync());
  logits.dispose();
  ten.dispose();
}
const of1000 = shareRight(
  among1000,
  Array.from(images.labels, (label) => rows[label]!),
);
const ofTen = shareRight(amongTen, images.labels);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
console.log(
  `MobileNet-V2 on ${images.labels.length} photos: ${percent(of1000)} among 1,000 classes, ${percent(ofTen)} among ten`,
);
if (of1000 < 0.75 || ofTen < 0.95) process.exitCode = 1;
