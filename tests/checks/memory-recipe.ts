/**
 * Which recipe do the students of paper 000 need at scale `mini`? `node --import tsx tests/checks/memory-recipe.ts`.
 * Students learn ten real images per class of draw 7 of the studio, which no table shows: ResNetAP-10's stand-in at the
 * released code's rate and at ten times it, on images of two sides, then for more epochs; every network of the scale at the
 * scale's own recipe. At that recipe sets of four modes per class stand beside sets of one: a scale on which these two differ
 * clearly can tell diversity. About ten minutes of one core.
 */
import { stillLife } from '../../src/datasets';
import { evaluate, idcProtocol, openLabelled, type NetworkName } from '../../src/evaluation';
import { scaleOf } from '../../src/experiments/scales';
import { type DistilledSet, randomSelection } from '../../src/methods';

const draw = { seed: 7, size: 64, scenery: 'studio' } as const;
const train = stillLife({ ...draw, split: 'train', perClass: 200 });
const test = stillLife({ ...draw, split: 'test', perClass: 50 });
const { networks, recipe } = scaleOf('mini', 'self-adaptive memory');
const { size = draw.size, ...chosen } = recipe.idc!;

interface Trial {
  set: DistilledSet;
  student: NetworkName;
  learningRate?: number | undefined;
  epochs?: number | undefined;
  side?: number;
  seed?: number;
}

/** Prints what a student reaches, and the loss that its training ended with: chance is ln 10 = 2.30. */
async function print(what: string, { set, student, learningRate, epochs, side = size, seed = 100 }: Trial) {
  const held = await openLabelled(test, { size: side, preparation: idcProtocol.test });
  const given = { ...chosen, ...(learningRate && { learningRate }), ...(epochs && { epochs }) };
  const [row] = await evaluate(set, held, { ...given, student, protocol: 'idc', precision: 'bfloat16', seeds: [seed] });
  const { accuracy, loss, epochs: taken, learningRate: rate, seconds } = row!;
  const settings = `${student}, ${side} pixels, ${taken} epochs at ${rate}, seed ${seed}`;
  console.log(`${what}: ${settings}: ${(100 * accuracy).toFixed(1)} %, loss ${loss.toFixed(2)}, ${seconds} s`);
}

const ofMode = (mode: number) =>
  train.subset(
    Array.from(train.labels.keys()).filter((i) => train.mode(i) === mode),
    `mode ${mode}`,
  );

const random = await randomSelection(train, { imagesPerClass: 10, seed: 100 });
const student = networks['ResNetAP-10']!;
for (const side of [64, size]) {
  for (const learningRate of [0.01, 0.1])
    await print('rate', { set: random, student, learningRate, epochs: 200, side });
}
for (const epochs of [400, 800]) await print('epochs', { set: random, student, epochs });
for (const other of Object.values(networks)) await print('network', { set: random, student: other });
for (const seed of [100, 101, 102]) {
  await print('four modes', { set: await randomSelection(train, { imagesPerClass: 10, seed }), student, seed });
  await print('one mode', { set: await randomSelection(ofMode(0), { imagesPerClass: 10, seed }), student, seed });
}
