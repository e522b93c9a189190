/** Settings of methods for small images: those of their released code, in the terms of ours. */
import { describe, expect, it } from 'vitest';
import { releasedSettings } from '../../../src/experiments/scales/low-resolution';
import { datmSettings, idmSettings, sre2lSettings, teslaSettings } from '../../../src/methods';
import { startRange } from '../../../src/methods/trajectories/datm';

/** DATM@97ae510 configs/: expert epochs of the first students and of the last, batch of all images or fewer, rates. */
const datm = [
  ['CIFAR10', 10, { studentSteps: 80, from: [0, 10], to: [0, 20], by: 1000, batch: undefined, rates: [100, 2, 1e-5] }],
  ['CIFAR10', 50, { studentSteps: 80, from: [0, 20], to: [0, 40], by: 2000, batch: undefined, rates: [1000, 2, 1e-5] }],
  [
    'CIFAR100',
    10,
    { studentSteps: 80, from: [0, 30], to: [0, 50], by: 2000, batch: undefined, rates: [1000, 10, 1e-5] },
  ],
  ['CIFAR100', 50, { studentSteps: 80, from: [20, 70], to: [20, 70], by: 0, batch: 1000, rates: [1000, 10, 1e-5] }],
  ['TinyImageNet', 10, { studentSteps: 40, from: [10, 50], to: [10, 50], by: 0, batch: 500, rates: [100, 10, 1e-4] }],
  ['TinyImageNet', 50, { studentSteps: 20, from: [40, 70], to: [40, 70], by: 0, batch: 1000, rates: [100, 10, 1e-4] }],
] as const;

describe('releasedSettings', () => {
  it.each(datm)("are DATM's for %s at %d images per class", (dataset, imagesPerClass, wanted) => {
    const settings = datmSettings.parse({ imagesPerClass, ...releasedSettings[dataset](imagesPerClass).DATM });
    const range = startRange(settings);
    const { studentSteps, batch, learningRate, labelRate, rateRate } = settings;
    const rates = [learningRate, labelRate, rateRate];
    expect({ studentSteps, from: range(0), to: range(wanted.by), by: wanted.by, batch, rates }).toEqual(wanted);
    expect(settings.initial).toBe(dataset === 'CIFAR100' && imagesPerClass === 50 ? 'real' : 'classified');
  });

  it.each([
    ['CIFAR10', 10, 0.5, 10],
    ['CIFAR10', 50, 0.1, 10],
    ['CIFAR100', 10, 0.1, 50],
    ['CIFAR100', 50, 0.1, 10],
    ['TinyImageNet', 10, 0.5, 10],
    ['TinyImageNet', 50, 0.8, 50],
  ] as const)("are IDM's for %s at %d images per class", (dataset, imagesPerClass, classWeight, trainSteps) => {
    const { IDM } = releasedSettings[dataset](imagesPerClass);
    expect(idmSettings.parse({ imagesPerClass, ...IDM })).toMatchObject({ classWeight, trainSteps });
  });

  it("are TESLA's for CIFAR-100 at 50 images per class", () => {
    const settings = teslaSettings.parse({ imagesPerClass: 50, ...releasedSettings.CIFAR100(50).TESLA });
    const wanted = { studentSteps: 80, expertEpochs: 2, maxStart: 40, learningRate: 1000, rateRate: 1e-5, batch: 125 };
    expect(settings).toMatchObject(wanted);
  });

  it("are SRe2L's: rolls of ±4 pixels on Tiny-ImageNet, of 0 to 4 on CIFAR", () => {
    const of = (dataset: 'CIFAR100' | 'TinyImageNet') =>
      sre2lSettings.parse({ imagesPerClass: 1, ...releasedSettings[dataset](10).SRe2L });
    const tiny = { iterations: 4000, statisticsWeight: 1, learningRate: 0.1, jitter: [-4 / 64, 4 / 64], flip: true };
    expect(of('TinyImageNet')).toMatchObject(tiny);
    const cifar = { iterations: 1000, statisticsWeight: 0.01, learningRate: 0.25, jitter: 4 / 32, crop: 'whole' };
    expect(of('CIFAR100')).toMatchObject(cifar);
  });
});
