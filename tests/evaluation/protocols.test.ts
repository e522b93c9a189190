import { describe, expect, it } from 'vitest';
import { distillationLoss, tf } from '../../src/engine';
import { cellSettings, hardLabelProtocol, idcProtocol, isTested, rdedProtocol } from '../../src/evaluation';
import { ConvNet, trainModule } from '../../src/models';
import { expectNear, fillByHash, hashed, hashedImages, torchValues } from './torch-values';

const cell = { student: 'conv3', classes: 10, imagesPerClass: 10, factor: 1 } as const;

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
    expect(cellSettings(rdedProtocol, { ...cell, imagesPerClass, classes }).batch).toBe(batch);
  });

  it('ends at half of the learning rate, not at zero', () => {
    const { rate, epochs } = cellSettings(rdedProtocol, cell);
    expect(epochs).toBe(300);
    expect(rate(0)).toBe(0.001);
    expect(rate(150)).toBeCloseTo(0.001 * 0.5 * (1 + Math.SQRT1_2), 12);
    expect(rate(300)).toBeCloseTo(0.0005, 12);
  });

  it('crops down to one patch of a mosaic, and shuffles its patches', () => {
    const { augmentation } = cellSettings(rdedProtocol, { ...cell, factor: 2 });
    expect(augmentation).toEqual({
      shufflePatches: 2,
      crop: { scale: [0.5, 1], ratio: [3 / 4, 4 / 3] },
      flip: true,
      colour: null,
    });
    expect(cellSettings(rdedProtocol, cell).augmentation.crop!.scale).toEqual([1, 1]);
  });

  it('tests every ten epochs in the last fifth, and at the end', () => {
    const tested = (epochs: number) =>
      Array.from({ length: epochs }, (_, i) => i + 1).filter((epoch) => isTested(rdedProtocol, epoch, epochs));
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

  it('refuses a ConvNet of the other norm', () => {
    expect(() => cellSettings(rdedProtocol, { ...cell, student: 'conv3-in' })).toThrow(
      /Expected a ConvNet with batch norm in 'RDED soft labels', got 'conv3-in'. Use 'conv3'/,
    );
    expect(() => cellSettings(rdedProtocol, { ...cell, imagesPerClass: 0 })).toThrow(
      /Expected imagesPerClass to be a whole number of at least 1, got 0/,
    );
  });

  it('has a hard-label twin that differs in the labels alone', () => {
    const { name: _n, source: _s, labels: _l, temperature: _t, ...hard } = hardLabelProtocol;
    const { name: _n2, source: _s2, labels: _l2, temperature: _t2, ...soft } = rdedProtocol;
    expect(hard).toEqual(soft);
  });
});

describe('the IDC protocol', () => {
  const idc = (imagesPerClass: number, classes = 10) =>
    cellSettings(idcProtocol, { student: 'conv6-in', classes, imagesPerClass, factor: 1 });

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

  it('tests a hundred times', () => {
    const tested = Array.from({ length: 2000 }, (_, i) => i + 1).filter((epoch) => isTested(idcProtocol, epoch, 2000));
    expect(tested.length).toBe(100);
  });
});
