/** The published setting: ImageNet and its subsets, Stable Diffusion v1.5, ResNet-18 at 224 pixels, RDED's protocol. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ImageNetSubset, imageNet100, imageNet1k, imageNette, imageWoof } from '../../datasets';
import type { NetworkName } from '../../evaluation';
import { describeFolder } from '../datasets';
import { smallImages } from './low-resolution';
import type { Scale, ScaleDataset, TeacherChoice } from './scale';

const data = fileURLToPath(new URL('../../../data', import.meta.url));

/** Folders of ImageNet and Stable Diffusion: the environment variable's, else below data/. */
const imageNetFolder = (): string => process.env.STILLHOUSE_IMAGENET ?? join(data, 'imagenet');
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
    pool: ({ perClass, size }) => describeFolder({ folder, split: 'train', subset, perClass, size }),
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
  imageSize: IMAGE_SIZE,
  selection: {},
  controls: ['random', 'random patches'],
  networks,
  networkSize: 224,
  teachers: Object.fromEntries(Object.entries(networks).map(([name, network]) => [name, teacherOf(network)])),
  recipe: {},
  // One set, as the method draws nothing that the paper would vary; five students, as it says.
  pairs: [0, 1, 2, 3, 4].map((student) => ({ set: 0, student })),
};
