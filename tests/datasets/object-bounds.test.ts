import { describe, expect, it } from 'vitest';
import { objectBounds, objectPixels, squareAround } from '../../src/datasets';

const shape = { height: 4, width: 6 };
const mask = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0);

describe('objectBounds', () => {
  it('is the smallest rectangle that holds the object', () => {
    expect(objectBounds(mask, shape)).toEqual({ top: 1, left: 1, height: 2, width: 3 });
  });

  it('refuses an empty mask and one of another shape', () => {
    expect(() => objectBounds(new Uint8Array(24), shape)).toThrow(/an empty one/);
    expect(() => objectBounds(mask, { height: 5, width: 6 })).toThrow(/5 × 6 = 30 pixels, got 24/);
  });
});

describe('squareAround', () => {
  it('lies on the centre, and moves inside where it would leave the image', () => {
    const bounds = objectBounds(mask, shape);
    expect(squareAround(bounds, 2, shape)).toEqual({ top: 1, left: 2, height: 2, width: 2 });
    expect(squareAround(bounds, 4, shape)).toEqual({ top: 0, left: 1, height: 4, width: 4 });
    const corner = { top: 3, left: 5, height: 1, width: 1 };
    expect(squareAround(corner, 3, shape)).toEqual({ top: 1, left: 3, height: 3, width: 3 });
  });
});

describe('objectPixels', () => {
  it('counts the object inside a box', () => {
    expect(objectPixels(mask, { top: 1, left: 2, height: 2, width: 2 }, 6)).toBe(3);
    expect(objectPixels(mask, { top: 0, left: 0, height: 1, width: 6 }, 6)).toBe(0);
  });
});
