/** The small images of paper 001's Table 2 at its own scale: whole, and enlarged for Stable Diffusion alone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localCifar10, localCifar100 } from '../../datasets';
import type { NetworkName } from '../../evaluation';
import { describeFolder } from '../datasets';
import { limitOf, type MethodSettings, type ScaleChanges, type ScaleDataset } from './scale';

/** Short side to which images are resized for Stable Diffusion, pixels, as for ImageNet. */
const ENCODED_SIZE = 256;

/**
 * What is another for small images. The text doesn't say at which size they are encoded; of 32 pixels the latent would have
 * 4 × 4 places, so they are enlarged first. Networks see them at their own size.
 * @param side of an image, pixels
 * @param convNet RDED's for this size
 */
export function lowResolution(side: number, convNet: NetworkName): ScaleChanges {
  const own: Readonly<Record<string, NetworkName>> = { 'ResNet-18': 'resnet18-modified', ConvNet: convNet };
  return {
    imageSize: side,
    networkSize: side,
    selection: { patchSize: 'image', factor: 1, encodedSize: ENCODED_SIZE },
    networks: own,
    pairings: 'all',
    teachers: Object.fromEntries(
      Object.entries(own).map(([name, network]) => [name, { network, epochs: 100, seed: 0 }]),
    ),
  };
}

/** SRe2L's for CIFAR: whole images, rolled by four pixels. */
const cifarRecovery = { iterations: 1000, crop: 'whole', flip: false, jitter: 1 / 8 } as const;

/** DATM's for Tiny-ImageNet at any number of images. */
const tinyDatm = { learningRate: 100, labelRate: 10, rateRate: 1e-4 } as const;

/**
 * Settings of methods that their released code has for these images, where they aren't the method's defaults. IPC 50's stand
 * for more, IPC 10's for fewer. DATM: NUS-HPC-AI-Lab/DATM@97ae510 configs/<dataset>/ConvIN; where it doesn't expand the range
 * of starts ("Sequential_Generation: False"), the first limit is the last. IDM: uitrbn/IDM@fe23bbc command.txt. TESLA:
 * justincui03/tesla@488842e README, which has no command for CIFAR-10 beyond IPC 1, for CIFAR-100 at IPC 10, nor for
 * Tiny-ImageNet. SRe2L: VILA-Lab/SRe2L@8d00cba SRe2L/*small_dataset/recover_{cifar,tiny}.{py,sh}.
 */
export const releasedSettings: Readonly<
  Record<'CIFAR10' | 'CIFAR100' | 'TinyImageNet', (imagesPerClass: number) => MethodSettings>
> = {
  CIFAR10: (imagesPerClass) => ({
    SRe2L: cifarRecovery,
    ...(imagesPerClass >= 50 && {
      IDM: { classWeight: 0.1 },
      DATM: { firstMaxStart: 20, maxStart: 40, expansionSteps: 2000, learningRate: 1000 },
    }),
  }),
  CIFAR100: (imagesPerClass) => ({
    SRe2L: cifarRecovery,
    ...(imagesPerClass >= 50
      ? {
          IDM: { classWeight: 0.1 },
          DATM: {
            minStart: 20,
            firstMaxStart: 70,
            maxStart: 70,
            batch: 1000,
            learningRate: 1000,
            labelRate: 10,
            initial: 'real',
          },
          TESLA: { maxStart: 40, rateRate: 1e-5, studentSteps: 80, batch: 125 },
        }
      : {
          IDM: { classWeight: 0.1, trainSteps: 50 },
          DATM: { firstMaxStart: 30, maxStart: 50, expansionSteps: 2000, learningRate: 1000, labelRate: 10 },
          TESLA: { maxStart: 40, rateRate: 1e-5 },
        }),
  }),
  TinyImageNet: (imagesPerClass) => ({
    SRe2L: { statisticsWeight: 1, learningRate: 0.1, jitter: [-1 / 16, 1 / 16] },
    ...(imagesPerClass >= 50
      ? {
          IDM: { classWeight: 0.8, trainSteps: 50 },
          DATM: { ...tinyDatm, studentSteps: 20, minStart: 40, firstMaxStart: 70, maxStart: 70, batch: 1000 },
        }
      : { DATM: { ...tinyDatm, studentSteps: 40, minStart: 10, firstMaxStart: 50, maxStart: 50, batch: 500 } }),
  }),
};

/** Datasets by the paper's names, or what is missing on this machine. */
export const smallImages: Readonly<Record<string, () => Promise<ScaleDataset | { missing: string }>>> = {
  CIFAR10: async () => openCifar('cifar10', localCifar10()),
  CIFAR100: async () => openCifar('cifar100', localCifar100()),
  TinyImageNet: openTinyImageNet,
};

function openCifar(kind: 'cifar10' | 'cifar100', folder: string | undefined): ScaleDataset | { missing: string } {
  const is = kind === 'cifar10' ? 'CIFAR-10' : 'CIFAR-100';
  if (!folder) return { missing: `${is} is not on this machine. Fetch it: npx stillhouse download ${kind}` };
  return {
    is,
    pool: ({ perClass }) => ({ kind, split: 'train', ...limitOf(perClass) }),
    train: { kind, split: 'train' },
    test: { kind, split: 'test' },
    changes: lowResolution(32, 'conv3'),
    methods: releasedSettings[kind === 'cifar10' ? 'CIFAR10' : 'CIFAR100'],
  };
}

async function openTinyImageNet(): Promise<ScaleDataset | { missing: string }> {
  const below = fileURLToPath(new URL('../../../data/tiny-imagenet-200', import.meta.url));
  const folder = process.env.STILLHOUSE_TINYIMAGENET ?? below;
  if (!existsSync(join(folder, 'train'))) {
    return {
      missing: 'TinyImageNet is not on this machine. Set STILLHOUSE_TINYIMAGENET to the folder with train/ and val/.',
    };
  }
  const size = 64;
  return {
    is: 'TinyImageNet',
    pool: ({ perClass }) => describeFolder({ folder, split: 'train', size, ...limitOf(perClass) }),
    train: await describeFolder({ folder, split: 'train', size }),
    test: await describeFolder({ folder, split: 'val', size }),
    changes: lowResolution(size, 'conv4'),
    methods: releasedSettings.TinyImageNet,
  };
}
