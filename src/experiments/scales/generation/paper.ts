/** Paper 000's setting as its released code has it: DiT-XL/2 at 256 pixels, fine-tuned on ten classes, IDC's protocol. */
import { fileURLToPath } from 'node:url';
import { imageIdc, imageNette, imageWoof } from '../../../datasets';
import { openImageNet, paper as selectionScale } from '../paper';
import type { Scale } from '../scale';

const prior = process.env.STILLHOUSE_DIT ?? fileURLToPath(new URL('../../../../data/dit-xl-2-256', import.meta.url));

const subsets = { ImageWoof: imageWoof, ImageNette: imageNette, ImageIDC: imageIdc };

const needs = {
  folder: prior,
  missing: 'DiT-XL/2 is not on this machine. Set STILLHOUSE_DIT to its folder in the diffusers layout.',
};

export const paper: Scale = {
  ...selectionScale,
  datasets: async (names) =>
    new Map(await Promise.all(names.map(async (name) => [name, await openImageNet(name, subsets, needs)] as const))),
  classes: Object.fromEntries(Object.entries(subsets).map(([name, { classes }]) => [name, classes.length])),
  // Minimax diffusion's; the text at hand names 50 alone.
  imagesPerClass: [10, 20, 50, 70, 100],
  prior,
  // All that a class of ImageNet has.
  realImages: 1300,
  selection: { patchSize: 'image' },
  generation: { prior, fineTuning: {}, sampling: {} },
  controls: [],
  networks: { 'ConvNet-6': 'conv6-in', 'ResNetAP-10': 'resnetap10-in', 'ResNet-18': 'resnet18-in' },
  // One fine-tuning and one set, three students: as the released scripts repeat.
  pairs: [0, 1, 2].map((student) => ({ set: 0, student })),
};
