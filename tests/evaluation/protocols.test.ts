import { describe, expect, it } from 'vitest';
import { distillationLoss, tf } from '../../src/engine';
import {
  cellSettings,
  hardLabelProtocol,
  idcProtocol,
  isTested,
  type NetworkName,
  rdedProtocol,
} from '../../src/evaluation';
import { ConvNet, trainModule } from '../../src/models';
import { expectNear, fillByHash, hashed, hashedImages, torchValues } from './torch-values';

const cell = { student: 'conv3', classes: 10, size: 32, imagesPerClass: 10 } as const;

describe("RDED's protocol", () => {
  it.each([
    [1, 10, 10],
    [10, 10, 50],
    [50, 10, 100],
    [100, 10, 100],
    [1, 100, 20],
    [10, 100, 100],
    [50, 100, 200],
    [10, 1000, 100],
    [1, 5, 5],
    [2, 3, 6],
  ])('IPC %i with %i classes trains in batches of %i', (imagesPerClass, classes, batch) => {
    expect(cellSettings(rdedProtocol, { ...cell, size: 128, imagesPerClass, classes }).batch).toBe(batch);
  });

  it('ends at half of the learning rate, not at zero', () => {
    const { rate, epochs } = cellSettings(rdedProtocol, cell);
    expect(epochs).toBe(300);
    expect(rate(0)).toBe(0.001);
    expect(rate(150)).toBeCloseTo(0.001 * 0.5 * (1 + Math.SQRT1_2), 12);
    expect(rate(300)).toBeCloseTo(0.0005, 12);
  });

  it('crops down to half of the area and shuffles patches on sets of ImageNet, and does neither at 32 and 64 pixels', () => {
    const { augmentation } = cellSettings(rdedProtocol, { ...cell, student: 'conv5', size: 128 });
    expect(augmentation).toEqual({
      shufflePatches: 2,
      crop: { scale: [0.5, 1], ratio: [3 / 4, 4 / 3] },
      flip: true,
      colour: null,
    });
    for (const size of [32, 64]) {
      const small = cellSettings(rdedProtocol, { ...cell, size }).augmentation;
      expect([small.shufflePatches, ...small.crop!.scale]).toEqual([1, 1, 1]);
    }
  });

  it('takes factor, crops, shuffling, epochs, batch and rate from an experiment', () => {
    const changes = {
      factor: 2,
      crop: [0.3, 0.9],
      shufflePatches: false,
      epochs: 7,
      batch: 400,
      learningRate: 0.01,
    } as const;
    const { augmentation, rate, ...settings } = cellSettings(rdedProtocol, { ...cell, ...changes });
    expect(augmentation).toMatchObject({ shufflePatches: 1, crop: { scale: [0.3, 0.9] } });
    expect(settings).toMatchObject({ factor: 2, epochs: 7, batch: 100, learningRate: 0.01 });
    expect(rate(7)).toBeCloseTo(0.005, 12);
  });

  it.each([
    ['a factor of 0', { factor: 0 }, /Expected factor to be a whole number/],
    [
      'a factor above the number of pixels',
      { factor: 33 },
      /Expected a factor of at most the image side, 32 pixels, got 33/,
    ],
    ['crops of no area', { crop: [0, 1] }, /0 < from ≤ to ≤ 1, got \[0,1\]/],
    ['crops whose least area is above the largest', { crop: [0.9, 0.5] }, /0 < from ≤ to ≤ 1/],
    ['0 epochs', { epochs: 0 }, /Expected epochs to be a whole number/],
    ['a batch of half an image', { batch: 2.5 }, /Expected batch to be a whole number/],
    ['a learning rate that is no number', { learningRate: Number.NaN }, /Expected learningRate to be a finite number/],
  ] as const)('refuses %s', (_, change, message) => {
    expect(() => cellSettings(rdedProtocol, { ...cell, ...change })).toThrow(message);
  });

  it('trains on TinyImageNet in batches of 100, whatever the IPC', () => {
    for (const imagesPerClass of [1, 10, 50, 100]) {
      const tiny = { ...cell, student: 'conv4', classes: 200, size: 64, imagesPerClass } as const;
      expect(cellSettings(rdedProtocol, tiny).batch).toBe(100);
    }
  });

  it('has numbers of its own for ConvNet-3 taught by ConvNet-3 on CIFAR-100', () => {
    const of = (student: NetworkName, teacher?: NetworkName) => {
      const { batch, learningRate } = cellSettings(rdedProtocol, { ...cell, student, teacher, classes: 100 });
      return { batch, learningRate };
    };
    expect(of('conv3', 'conv3')).toEqual({ batch: 25, learningRate: 0.002 });
    expect(of('conv3', 'resnet18-modified')).toEqual({ batch: 100, learningRate: 0.001 });
    expect(of('resnet18-modified', 'conv3')).toEqual({ batch: 100, learningRate: 0.001 });
  });

  it('has a rate for each student of the papers', () => {
    expect(rdedProtocol.learningRate).toBe(0.001);
    expect(rdedProtocol.learningRates).toMatchObject({ vgg11: 0.0005, efficientnet_b0: 0.002, mobilenet_v2: 0.0025 });
    const own = { ...rdedProtocol, learningRates: { resnet18: 0.004 } };
    expect(cellSettings(own, { ...cell, student: 'resnet18-modified-w16' }).learningRate).toBe(0.004);
    expect(cellSettings(own, cell).learningRate).toBe(0.001);
  });

  it('tests every ten epochs in the last fifth, and at the end', () => {
    const tested = (epochs: number) =>
      Array.from({ length: epochs }, (_, i) => i + 1).filter((epoch) =>
        isTested(rdedProtocol.evaluation, epoch, epochs),
      );
    expect(tested(300)).toEqual([250, 260, 270, 280, 290, 300]);
    expect(tested(25)).toEqual([25]);
  });

  it('does what PyTorch does in three steps: loss, rates, AdamW on matrices alone', async () => {
    const { losses, rates, after } = torchValues.recipe;
    const settings = cellSettings({ ...rdedProtocol, epochs: 3 }, cell);
    const network = new ConvNet({ classes: 10, size: 16, depth: 2, width: 8 });
    fillByHash(network);
    const seen: number[] = [];
    await trainModule(network, {
      label: 'test',
      steps: 3,
      learningRate: settings.learningRate,
      schedule: settings.rate,
      weightDecay: settings.optimiser.weightDecay,
      loss(step) {
        const answers = tf.tensor(
          hashed(60, 80 + step).map((value) => value * 20),
          [6, 10],
        );
        const loss = distillationLoss(network.forward(hashedImages(6, 16, 50 + step)), answers, {
          temperature: settings.temperature!,
        });
        seen.push(loss.dataSync()[0]!);
        return loss;
      },
    });
    expectNear([0, 1, 2].map(settings.rate), rates, 1e-6);
    expectNear(seen, losses, 1e-4);
    expectNear(network.forward(hashedImages(2, 16, 60)).dataSync(), after, 1e-3);
  });

  it("has PyTorch's KLDivLoss batchmean at temperature 20, without its square", () => {
    const [student, teacher] = [1, 2].map((salt) =>
      tf.tensor(
        hashed(40, salt).map((value) => value * 8),
        [4, 10],
      ),
    );
    const loss = distillationLoss(student!, teacher!, { temperature: rdedProtocol.temperature! });
    expectNear(loss.dataSync(), [torchValues.distillation]);
  });

  it('refuses a network of the other norm', () => {
    expect(() => cellSettings(rdedProtocol, { ...cell, student: 'conv3-in' })).toThrow(
      /Expected a network with batch norm in 'RDED soft labels', got 'conv3-in'. Use 'conv3'/,
    );
    expect(() => cellSettings(idcProtocol, { ...cell, student: 'resnet18-modified-w32' })).toThrow(
      /Expected a network with instance norm .* Use 'resnet18-modified-in-w32'/,
    );
    expect(() => cellSettings(idcProtocol, { ...cell, student: 'mobilenet_v2' })).toThrow(
      /instance norm .* got 'mobilenet_v2'. mobilenet_v2 has no such form: use a ConvNet, ResNet or ResNetAP/,
    );
    expect(cellSettings(idcProtocol, { ...cell, student: 'vit_b_16' }).learningRate).toBe(0.01);
    expect(() => cellSettings(rdedProtocol, { ...cell, imagesPerClass: 0 })).toThrow(
      /Expected imagesPerClass to be a whole number of at least 1, got 0/,
    );
  });

  it('has a hard-label twin that differs in the labels alone', () => {
    expect(hardLabelProtocol.source).toBe('LINs-lab/RDED@3f6453d validation/, without its teacher');
    const { name: _n, source: _s, labels: _l, temperature: _t, ...hard } = hardLabelProtocol;
    const { name: _n2, source: _s2, labels: _l2, temperature: _t2, ...soft } = rdedProtocol;
    expect(hard).toEqual(soft);
  });
});

describe('the IDC protocol', () => {
  const idc = (imagesPerClass: number, classes = 10) =>
    cellSettings(idcProtocol, { student: 'resnetap10-in', classes, size: 224, imagesPerClass });

  it.each([
    [1, 10, 3000],
    [2, 10, 2000],
    [10, 10, 2000],
    [11, 10, 1500],
    [50, 10, 1500],
    [100, 10, 1000],
    [201, 10, 500],
    [501, 10, 300],
    [10, 100, 1300],
    [50, 100, 1000],
    [100, 100, 600],
  ])('IPC %i with %i classes trains %i epochs', (imagesPerClass, classes, epochs) => {
    expect(idc(imagesPerClass, classes).epochs).toBe(epochs);
  });

  it('multiplies the rate by 0.2 at two thirds and at five sixths', () => {
    const { rate, optimiser, batch } = idc(10);
    expect([0, 1332, 1333, 1665, 1666, 1999].map(rate)).toEqual([
      0.01,
      0.01,
      0.01 * 0.2,
      0.01 * 0.2,
      0.01 * 0.2 ** 2,
      0.01 * 0.2 ** 2,
    ]);
    expect(optimiser).toEqual({ kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 });
    expect(batch).toBe(64);
  });

  it('takes another rate, decay and batch above 100 classes', () => {
    const { learningRate, optimiser, batch } = idc(10, 1000);
    expect({ learningRate, decay: optimiser.weightDecay, batch }).toEqual({
      learningRate: 0.1,
      decay: 1e-4,
      batch: 128,
    });
  });

  it('crops half of the area at least, and never shuffles', () => {
    expect(idc(10).augmentation).toMatchObject({ shufflePatches: 1, crop: { scale: [0.5, 1] } });
  });

  it('tests a hundred times', () => {
    const tested = Array.from({ length: 2000 }, (_, i) => i + 1).filter((epoch) =>
      isTested(idcProtocol.evaluation, epoch, 2000),
    );
    expect(tested.length).toBe(100);
  });
});
