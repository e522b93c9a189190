import { describe, expect, it } from 'vitest';
import { tf } from '../../src/engine';
import { buildNetwork, type NetworkName, networkName, networkSchema, parseNetwork } from '../../src/evaluation';

describe('a network by name', () => {
  it.each([
    ['conv3', 'conv3', false, 'batch', 128],
    ['conv6-in-w32', 'conv6', false, 'instance', 32],
    ['resnet18', 'resnet18', false, 'batch', 64],
    ['resnet10-modified-w16', 'resnet10', true, 'batch', 16],
    ['resnet101-modified-in', 'resnet101', true, 'instance', 64],
    ['resnetap10-in-w8', 'resnetap10', false, 'instance', 8],
    ['mobilenet_v2-w16', 'mobilenet_v2', false, 'batch', 16],
    ['efficientnet_b0', 'efficientnet_b0', false, 'batch', 32],
    ['swin_micro', 'swin_micro', false, 'layer', 48],
    ['vit_b_16', 'vit_b_16', false, 'layer', 768],
  ])('%s is read as what it is, and named so again', (name, base, modified, norm, width) => {
    const parts = parseNetwork(name);
    expect(parts).toEqual({ base, modified, norm, width });
    expect(networkName(parts)).toBe(name);
    expect(networkSchema.parse(name)).toBe(name);
  });

  it.each([
    'conv2',
    'conv3-modified',
    'resnet34',
    'resnet18-w0',
    'resnet10-w16-modified',
    'resnet10-in-in',
    'ResNet18',
    'mobilenet_v2-in',
    'mobilenet_v2-modified',
    'vit_b_16-w64',
    'toString',
    '',
  ])("refuses '%s', and says what there is", (name) => {
    const message = /Expected a network among conv3, .*resnet10, resnet18, .*vit_micro_8, with the suffixes .* got/;
    expect(() => parseNetwork(name)).toThrow(message);
    expect(networkSchema.safeParse(name).error!.message).toMatch(/Expected a network among conv3/);
  });

  it('has the channels that its width says', () => {
    const shapes = (name: NetworkName, weight: string) =>
      buildNetwork(name, { classes: 3, size: 64 }).parameters().get(weight)!.shape;
    expect(shapes('resnet10-w16', 'conv1.weight')).toEqual([16, 3, 7, 7]);
    expect(shapes('resnet10-w16', 'layer4.0.conv2.weight')).toEqual([128, 128, 3, 3]);
    expect(shapes('resnet10-w16', 'fc.weight')).toEqual([3, 128]);
    expect(shapes('conv3-w12', 'features.4.weight')).toEqual([12, 12, 3, 3]);
    expect(buildNetwork('resnet10', { classes: 3, size: 64 }).parameters().has('layer1.1.conv1.weight')).toBe(false);
  });

  it('has a form for 64 pixels that a training on two cores can afford', () => {
    const sizes = {
      'resnet50-w16': 1.48e6,
      'resnet101-w16': 2.67e6,
      'mobilenet_v2-w16': 0.7e6,
      'efficientnet_b0-w16': 1.14e6,
      swin_micro: 1.23e6,
      vit_micro_8: 0.7e6,
    };
    for (const [name, size] of Object.entries(sizes) as [NetworkName, number][]) {
      const network = buildNetwork(name, { classes: 10, size: 64, seed: 0 });
      expect(network.parameterCount / size, `${name}: ${network.parameterCount}`).toBeCloseTo(1, 1);
      expect(tf.tidy(() => network.forward(tf.zeros([1, 64, 64, 3])).shape)).toEqual([1, 10]);
      network.dispose();
    }
  });

  it("has IDC's stem with instance norm: by the size of the images", () => {
    const stem = (name: NetworkName, size: number) => {
      const network = buildNetwork(name, { classes: 2, size, seed: 0 });
      const { shape } = network.parameters().get('conv1.weight')!;
      const logits = tf.tidy(() => network.forward(tf.zeros([1, size, size, 3])).shape);
      network.dispose();
      expect(logits).toEqual([1, 2]);
      return shape[2];
    };
    expect([stem('resnet10-in-w4', 64), stem('resnet10-in-w4', 128), stem('resnet10-in-w4', 160)]).toEqual([3, 3, 7]);
    expect([stem('resnet10-w4', 64), stem('resnet10-modified-w4', 160)]).toEqual([7, 3]);
  });

  it('starts from other weights as a teacher than as a student', () => {
    const first = (role: string) =>
      buildNetwork('resnet10-w4', { classes: 2, size: 32, seed: 1, role })
        .parameters()
        .get('fc.weight')!
        .value.dataSync()[0];
    expect(first('student')).not.toBe(first('teacher'));
  });
});
