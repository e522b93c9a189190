import sharp from 'sharp';
import { RandomStream } from '../../engine/random';
import { type Illumination, paintBackdrop } from './backdrop';
import { composeScene, type Scene, type SceneKey } from './scene';

/** One rendered image of the world. */
export interface Rendering {
  /** RGB, size · size · 3. */
  pixels: Uint8Array;
  /** 1 where the object covers at least half of the pixel. */
  mask: Uint8Array;
}

/**
 * Renders an image of the world: what lies under the object and the object alone in one SVG, one below the other, then
 * backdrop, light and grain pixel by pixel. One SVG an image: on a sheet of many, an edge falls a little differently
 * with the place on the sheet, and an image must be the same in any company.
 */
export async function render(key: SceneKey, size: number): Promise<Rendering> {
  const scene = composeScene(key);
  const layer = (content: string, y: number) =>
    `<svg y="${y}" width="${size}" height="${size}" viewBox="0 0 100 100">${content}</svg>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${2 * size}"><defs>${scene.defs}</defs>${layer(scene.under, 0)}${layer(scene.object, size)}</svg>`;
  const layers = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer();
  const { seed, split, label, index } = key;
  return develop(scene, layers, size, new RandomStream(seed, 'still-life-grain', split, label, index));
}

/** Lays the two RGBA layers over the backdrop, lights the whole and adds grain. */
function develop(scene: Scene, layers: Uint8Array, size: number, grain: RandomStream): Rendering {
  const canvas = paintBackdrop(scene.backdrop, size);
  const pixels = new Uint8Array(size * size * 3);
  const mask = new Uint8Array(size * size);
  const below = 4 * size * size; // where the object's layer begins
  const { tint, grain: deviation } = scene.illumination;
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const k = row * size + column;
      const under = 4 * k;
      const object = 4 * k + below;
      const covered = layers[under + 3]! / 255;
      const hidden = layers[object + 3]! / 255;
      const brightness = lightAt(scene.illumination, (column + 0.5) / size, (row + 0.5) / size);
      const speck = deviation * grain.normal();
      for (let channel = 0; channel < 3; channel++) {
        let value = canvas[3 * k + channel]!;
        value += (layers[under + channel]! - value) * covered;
        value += (layers[object + channel]! - value) * hidden;
        const lit = value * brightness * tint[channel]! + speck;
        pixels[3 * k + channel] = lit < 0 ? 0 : lit > 255 ? 255 : lit + 0.5;
      }
      mask[k] = hidden >= 0.5 ? 1 : 0;
    }
  return { pixels, mask };
}

/** Brightness at a point of the unit square. */
function lightAt({ level, slopeX, slopeY, vignette }: Illumination, x: number, y: number): number {
  const [dx, dy] = [2 * x - 1, 2 * y - 1];
  return level + slopeX * dx + slopeY * dy - 0.5 * vignette * (dx * dx + dy * dy);
}
