import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { animation, DISPLAY, MIME, vectorField } from '../../src/charts';
import { metadataOf } from '../../src/charts/mime';

const plane = { x: [-1, 1], y: [-1, 1], width: 60 } as const;

interface Layer {
  data: { values: { x: number; y: number; angle?: number; size?: number }[] };
}
const layersOf = (chart: object): Layer[] => (chart as { layer: Layer[] }).layer;

describe('vectorField', () => {
  it('turns arrows clockwise from upwards, the longest at full size and the others by the root of their length', () => {
    const arrows = (
      [
        [0, 4],
        [4, 0],
        [0, -1],
        [-1, 0],
      ] as const
    ).map((direction) => ({ from: [0, 0] as const, direction }));
    const [layer] = layersOf(vectorField([{ title: 'compass', arrows }], plane));
    expect(layer!.data.values.map(({ angle }) => angle)).toEqual([0, 90, 180, -90]);
    const sizes = layer!.data.values.map(({ size }) => size!);
    expect(sizes.map((size) => size / sizes[0]!)).toEqual([1, 1, 0.5, 0.5]);
  });

  it('leaves out what lies beyond the plane, and draws no arrow without a length', () => {
    const chart = vectorField(
      [
        {
          title: 'edges',
          dots: [
            [0, 0],
            [3, 0],
          ],
          arrows: [{ from: [0, 0], direction: [0, 0] }],
        },
      ],
      plane,
    );
    const [arrows, dots] = layersOf(chart);
    expect(dots!.data.values).toEqual([{ x: 0, y: 0 }]);
    expect(arrows!.data.values[0]!.size).toBe(0);
  });

  it('refuses to draw without a panel', () => {
    expect(() => vectorField([], plane)).toThrow(RangeError);
  });
});

describe('animation', () => {
  it('is a GIF with a page per frame that keeps its size, holds the last, and begins again', async () => {
    const frames = [0, 0.5, 1].map((x) =>
      vectorField([{ title: 'one', dots: [[x, 0]] }], { ...plane, title: 'Moves' }),
    );
    const moving = await animation(frames, { delay: 40, hold: 500, scale: 1 });
    const { format, pages, delay, loop, width } = await sharp(moving.gif, { animated: true }).metadata();
    expect({ format, pages, delay, loop }).toEqual({ format: 'gif', pages: 3, delay: [40, 40, 500], loop: 0 });
    expect(moving.width).toBe(width);
    const bundle = await moving[DISPLAY]();
    expect(bundle[MIME.text]).toBe('[chart: Moves], 3 frames');
    expect(metadataOf(bundle)).toEqual({ 'image/gif': { width: moving.width } });
  });

  it('refuses to have no frame', async () => {
    await expect(animation([])).rejects.toThrow(/at least one frame/);
  });
});
