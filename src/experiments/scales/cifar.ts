/** Real photos at 32 pixels: CIFAR-10 by RDED's own protocol, scored by a prior trained on its training images. */
import { showProgress } from '../../charts';
import { findCifar10 } from '../../datasets';
import { smallPriorSettings } from '../../methods';
import { priors } from '../priors';
import { limitOf, NotAtThisScale, type Scale, type ScaleDataset, seedPairs, standIn, wholeSet } from './scale';

const SIZE = 32;

const cifar10: ScaleDataset = {
  is: 'CIFAR-10',
  pool({ perClass, size }) {
    if (size !== SIZE) throw new NotAtThisScale(`CIFAR-10 has images of ${SIZE} pixels, not ${size}.`);
    return { kind: 'cifar10', split: 'train', ...limitOf(perClass) };
  },
  train: { kind: 'cifar10', split: 'train' },
  test: { kind: 'cifar10', split: 'test' },
};

/** What this machine lacks, with the remedy. */
async function lacking(): Promise<string | undefined> {
  if (!(await findCifar10({ onProgress: showProgress('Unpacking CIFAR-10') }))) {
    return 'CIFAR-10 is not on this machine. Fetch it: npx stillhouse download cifar10';
  }
  if (!priors().includes('cifar10')) {
    return "There is no prior 'cifar10'. Train it: npm run train:priors -- --only cifar10";
  }
  return undefined;
}

/** Trained on all 50,000 images with products in bfloat16, which takes an hour; it answers in float32. */
const teacher = { network: 'conv3', epochs: 30, seed: 0, precision: 'bfloat16' } as const;

/** Experts of both TESLA and DATM, so that they are trained only once. */
const experts = { count: 3, epochs: 21, batch: 64 } as const;

export const cifar: Scale = {
  name: 'cifar',
  says: "CIFAR-10 with a prior of 3.3 million parameters trained on its training images, whole images scored, ConvNet-3 at 32 pixels by RDED's protocol",
  world: 'CIFAR-10',
  async datasets(names) {
    const missing = await lacking();
    return missing ? new Map(names.map((name) => [name, { missing }])) : standIn(cifar10, names);
  },
  imagesPerClass: [10, 50],
  prior: 'cifar10',
  realImages: 300,
  // Their code learns from all 5,000 images of a class.
  reads: wholeSet('DM', 'DSA', 'IDC-1', 'IDM', 'GLaD', 'TESLA', 'DATM', 'k-center', 'herding', 'GraNd'),
  imageSize: SIZE,
  // The prior has learnt these images at their own size: so nothing is enlarged.
  selection: { ...smallPriorSettings, patchSize: 'image' },
  // The released code's settings for CIFAR, with as many steps as two cores can take. Not calibrated.
  methods: {
    DM: { steps: 500, realBatch: 64 },
    DSA: { steps: 20, epochs: 10, realBatch: 64 },
    'IDC-1': {
      steps: 5,
      warmUp: 0,
      trainImages: 2000,
      distance: 'squared',
      learningRate: 5e-3,
      baseSize: SIZE,
      cutMix: 0.5,
    },
    GLaD: { steps: 100, realBatch: 64 },
    IDM: { steps: 125, realBatch: 64, networks: 20, networkEvery: 10, trainSteps: 5, trainBatch: 64 },
    TESLA: { steps: 40, studentSteps: 20, batch: 20, expertEpochs: 1, rateRate: 1e-5, experts },
    DATM: { steps: 40, studentSteps: 20, batch: 20, expertEpochs: 1, expansionSteps: 20, experts },
    D3HR: { groups: 1000 },
    // ConvNet-3, as 32 pixels can be halved five times.
    IGD: { surrogate: { depth: 3 } },
    SRe2L: { iterations: 1000, crop: 'whole', flip: false, jitter: 1 / 8 },
  },
  controls: ['random'],
  networks: { 'ResNet-18': 'conv3', ConvNet: 'conv3' },
  networkSize: SIZE,
  // One network stands for both of Table 2.
  teachers: { 'ResNet-18': teacher, ConvNet: teacher },
  recipe: {},
  pairs: seedPairs(5),
};
