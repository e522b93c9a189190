/** Paper 000's setting as its released code has it: DiT-XL/2 at 256 pixels, fine-tuned on ten classes, IDC's protocol. */
import { imageIdc, imageNette, imageWoof } from '../../../datasets';
import { dit as prior, openImageNet, paper as selectionScale } from '../paper';
import { type Scale, seedPairs } from '../scale';

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
  reads: {},
  // The released scripts repeat the student alone, three times; here each has a fine-tuning and a set of its own.
  pairs: seedPairs(3),
  readings: [
    {
      setting: 'runs',
      here: 'three, each with its own fine-tuning, set and student',
      paper: 'three; the released scripts repeat the student alone',
    },
    { setting: 'images per class', here: '10, 20, 50, 70, 100', paper: 'the text at hand names 50 alone' },
    {
      setting: 'λ_r, λ_g, N_R, N_G as adopted',
      here: '0.002, 0.008, 64, 64',
      paper: 'not in the text; the released code’s defaults',
    },
    { setting: 'epoch that is reported', here: 'the last', paper: 'the best of the run, in the released code' },
    { setting: 'autoencoder', here: 'one for training and sampling', paper: 'ema for training, mse for sampling' },
  ],
};
