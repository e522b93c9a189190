/** The published setting: ImageNet and its subsets, Stable Diffusion v1.5, ResNet-18 at 224 pixels, RDED's protocol. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ImageNetSubset, imageNet100, imageNet1k, imageNette, imageWoof } from '../../datasets';
import type { NetworkName } from '../../evaluation';
import { describeFolder } from '../datasets';
import { smallImages } from './low-resolution';
import {
  type ImagesRead,
  limitOf,
  type Scale,
  type ScaleDataset,
  seedPairs,
  type TeacherChoice,
  wholeSet,
} from './scale';

const data = fileURLToPath(new URL('../../../data', import.meta.url));

/** Folders of ImageNet and Stable Diffusion: the environment variable's, else below data/. */
const imageNetFolder = (): string => process.env.STILLHOUSE_IMAGENET ?? join(data, 'imagenet');
/** DiT-XL/2 at 256 pixels: paper 000's prior, and that of Minimax, IGD and D3HR in paper 001. */
export const dit = process.env.STILLHOUSE_DIT ?? join(data, 'dit-xl-2-256');
const stableDiffusion = process.env.STILLHOUSE_STABLE_DIFFUSION ?? join(data, 'stable-diffusion-v1-5');

const subsets: Readonly<Record<string, ImageNetSubset>> = {
  ImageWoof: imageWoof,
  ImageNette: imageNette,
  'ImageNet-100': imageNet100,
  'ImageNet-1K': imageNet1k,
};

const IMAGE_SIZE = 256;

/** For tables 3 and 8. */
const networks: Readonly<Record<string, NetworkName>> = {
  'ResNet-18': 'resnet18',
  'ResNet-50': 'resnet50',
  'ResNet-101': 'resnet101',
  'MobileNet-V2': 'mobilenet_v2',
  'EfficientNet-B0': 'efficientnet_b0',
  'Swin-T': 'swin_t',
  'ViT-B': 'vit_b_16',
};

/** torchvision's weights where STILLHOUSE_TEACHERS names a folder with them (`resnet18.pth`), else trained here. */
function teacherOf(network: NetworkName): TeacherChoice {
  const folder = process.env.STILLHOUSE_TEACHERS;
  const files = ['pth', 'safetensors'].map((kind) => join(folder ?? '', `${network}.${kind}`));
  const checkpoint = folder === undefined ? undefined : files.find((file) => existsSync(file));
  return checkpoint ? { network, checkpoint } : { network, epochs: 100, seed: 0 };
}

/** What a scale needs beside the images: a folder, and what to say where it isn't there. */
export interface NeededPrior {
  folder: string;
  missing: string;
}

const stableDiffusionNeeded: NeededPrior = {
  folder: stableDiffusion,
  missing:
    'Stable Diffusion v1.5 is not on this machine. Set STILLHOUSE_STABLE_DIFFUSION to its folder in the diffusers layout.',
};

/** A subset of ImageNet by its name among `known`, or what is missing. */
export async function openImageNet(
  name: string,
  known: Readonly<Record<string, ImageNetSubset>>,
  prior: NeededPrior,
): Promise<ScaleDataset | { missing: string }> {
  const subset = known[name];
  if (!subset) return { missing: `${name} is not among ${Object.keys(known).join(', ')}.` };
  const folder = imageNetFolder();
  if (!existsSync(folder)) {
    return { missing: 'ImageNet is not on this machine. Set STILLHOUSE_IMAGENET to the folder with train/ and val/.' };
  }
  if (!existsSync(prior.folder)) return { missing: prior.missing };
  const stray = await validationImage(join(folder, 'train'), subset);
  if (stray !== undefined) {
    return {
      missing: `${stray} is of ImageNet's validation set: fastai's ImageNette and ImageWoof train on some of it. Set STILLHOUSE_IMAGENET to ImageNet-1K.`,
    };
  }
  return {
    is: name,
    pool: ({ perClass, size }) => describeFolder({ folder, split: 'train', subset, size, ...limitOf(perClass) }),
    train: await describeFolder({ folder, split: 'train', subset, size: IMAGE_SIZE }),
    test: await describeFolder({ folder, split: 'val', subset, size: IMAGE_SIZE }),
  };
}

/** An image for training that is one of ImageNet's validation set. */
async function validationImage(train: string, { classes }: ImageNetSubset): Promise<string | undefined> {
  for (const { wnid } of classes) {
    const folder = join(train, wnid);
    const images = existsSync(folder) ? await readdir(folder) : [];
    const found = images.find((image) => image.startsWith('ILSVRC2012_val_'));
    if (found !== undefined) return join(folder, found);
  }
  return undefined;
}

/** Sides of the images that the priors draw, pixels. */
const [STABLE_DIFFUSION_SIZE, DIT_SIZE] = [512, 256];

/**
 * Paper 001 and RDED's scripts take 300 images of a class; a set of 100 images of four patches needs 400, so RDED's pool is larger.
 * The others' code reads all, at their prior's own size.
 */
const reads: Scale['reads'] = {
  ...wholeSet('DM', 'DSA', 'IDC-1', 'IDM', 'GLaD', 'TESLA', 'DATM', 'k-center', 'herding', 'GraNd', 'Minimax'),
  RDED: { perClass: 600 },
  ...Object.fromEntries(['D4M', 'MGD3'].map((name): [string, ImagesRead] => [name, allAt(STABLE_DIFFUSION_SIZE)])),
  ...Object.fromEntries(['IGD', 'D3HR'].map((name): [string, ImagesRead] => [name, allAt(DIT_SIZE)])),
};

function allAt(size: number): ImagesRead {
  return { perClass: Number.POSITIVE_INFINITY, size };
}

async function openOfPaper(name: string): Promise<ScaleDataset | { missing: string }> {
  const small = smallImages[name];
  if (!small) return openImageNet(name, subsets, stableDiffusionNeeded);
  const { folder, missing } = stableDiffusionNeeded;
  return existsSync(folder) ? small() : { missing };
}

export const paper: Scale = {
  name: 'paper',
  says: "the papers' own setting, in our code",
  datasets: async (names) =>
    new Map(await Promise.all(names.map(async (name) => [name, await openOfPaper(name)] as const))),
  classes: Object.fromEntries(Object.entries(subsets).map(([name, { classes }]) => [name, classes.length])),
  imagesPerClass: [1, 10, 50, 100],
  prior: stableDiffusion,
  realImages: 300,
  reads,
  imageSize: IMAGE_SIZE,
  selection: {},
  ...(existsSync(dit) && { generation: { prior: dit, fineTuning: {}, sampling: {} } }),
  controls: ['random', 'random patches'],
  networks,
  networkSize: 224,
  teachers: Object.fromEntries(Object.entries(networks).map(([name, network]) => [name, teacherOf(network)])),
  recipe: {},
  // Five, as the paper says. Each has a set of its own: an interval over students of one set would leave out what sets vary.
  pairs: seedPairs(5),
  readings: [
    {
      setting: 'teacher',
      here: 'torchvision’s weights where they are, cut to the classes of a subset; else 100 epochs of AdamW',
      paper: 'RDED’s, trained on each dataset',
    },
    { setting: 'patch, pixels', here: '224 of 256', paper: 'lost in the text; inferred from Table 9' },
    { setting: 'draws per image', here: '96', paper: 'not in the text' },
    { setting: 'epoch that is reported', here: 'the last', paper: 'not in the text; RDED’s code reports the best' },
    {
      setting: 'methods of Table 2 with a ConvNet',
      here: 'one protocol for all: labels of one teacher',
      paper: 'not in the text; DSA, IDM, TESLA and DATM print such figures under protocols of their own',
    },
    {
      setting: 'steps of a student of IDM’s set',
      here: 'four times the others’: its images’ enlarged parts count as images of their own in an epoch',
      paper: 'not in the text',
    },
  ],
};
