/**
 * Are the small DiT's samples what their labels say? `node --import tsx tests/checks/dit-samples.ts [per class] [folder]`.
 * A classifier is trained on real still lifes (another seed than the prior's), tested on real ones, and asked about the samples;
 * it should be right on 80 % or more. Prints the share by class, and leaves a picture to look at. A few minutes.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distilledPicture, showProgress } from '../../src/charts';
import { stillLife } from '../../src/datasets';
import { ClassConditionalDiffusion } from '../../src/diffusion';
import { loadDistilled, loadLabelled, predict, shareRight, trainTeacher } from '../../src/evaluation';
import { priorFolder } from '../../src/experiments';
import { ditSampling } from '../../src/methods';

const perClass = Number(process.argv[2] ?? 20);
const folder = process.argv[3] ?? '.stillhouse';
const size = 64;
/** What the prior knows. */
const studio = { size, scenery: 'studio' } as const;
const onProgress = showProgress('DiT samples');

const train = await loadLabelled(stillLife({ ...studio, split: 'train', perClass: 500, seed: 3 }), { size });
const test = await loadLabelled(stillLife({ ...studio, split: 'test', perClass: 60 }), { size });
const classifier = await trainTeacher(train, test, {
  network: 'resnet18-w32',
  epochs: 12,
  learningRate: 2e-3,
  seed: 0,
  onProgress,
});

const prior = await ClassConditionalDiffusion.load(priorFolder('still-life-dit'));
const dataset = stillLife({ ...studio, split: 'train', perClass: 1 });
const set = await ditSampling(dataset, { prior, imagesPerClass: perClass, onProgress });
const samples = await loadDistilled(set, { size });
const answers = await predict(classifier.network, samples);

console.log(`\nClassifier on real images: ${(100 * classifier.accuracy).toFixed(1)} %`);
console.log(`On samples: ${(100 * shareRight(answers, samples.labels)).toFixed(1)} % of ${samples.labels.length}`);
for (const [label, name] of dataset.classes.entries()) {
  const right = samples.labels.filter((own, i) => own === label && answers[i] === label).length;
  console.log(`  ${name.padEnd(16)} ${((100 * right) / perClass).toFixed(0)} %`);
}
const path = join(folder, 'dit-samples.png');
await writeFile(path, (await distilledPicture(set, { size, limit: 10 })).png);
console.log(path);
