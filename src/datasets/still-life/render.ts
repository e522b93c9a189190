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

/** Scenes a sheet holds at most: one SVG for many images, as starting sharp costs more than drawing a scene. */
export const sheetCapacity = 64;

/** Renders scenes together: below the object and the object alone in one SVG, then light and grain pixel by pixel. */
export async function renderSheet(keys: readonly SceneKey[], size: number): Promise<Rendering[]> {
  const scenes = keys.map((key, k) => composeScene(key, `s${k}`));
  const columns = Math.min(8, scenes.length);
  const rows = Math.ceil(scenes.length / columns);
  const tile = (scene: Scene, k: number, layer: 'under' | 'object') => {
    const x = (k % columns) * size;
    const y = (Math.floor(k / columns) + (layer === 'under' ? 0 : rows)) * size;
    return `<svg x="${x}" y="${y}" width="${size}" height="${size}" viewBox="0 0 100 100">${scene[layer]}</svg>`;
  };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${columns * size}" height="${2 * rows * size}"><defs>${scenes
    .map((scene) => scene.defs)
    .join('')}</defs>${scenes.map((scene, k) => tile(scene, k, 'under') + tile(scene, k, 'object')).join('')}</svg>`;
  const sheet = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer();
  const stride = columns * size * 4;
  return scenes.map((scene, k) => {
    const corner = Math.floor(k / columns) * size * stride + (k % columns) * size * 4;
    const { seed, split, label, index } = keys[k]!;
    const grain = new RandomStream(seed, 'still-life-grain', split, label, index);
    return develop(scene, sheet, corner, corner + rows * size * stride, stride, size, grain);
  });
}

/** Lays the layers over the backdrop, lights the whole and adds grain. Offsets are into the RGBA sheet. */
function develop(
  scene: Scene,
  sheet: Uint8Array,
  under: number,
  object: number,
  stride: number,
  size: number,
  grain: RandomStream,
): Rendering {
  const canvas = paintBackdrop(scene.backdrop, size);
  const pixels = new Uint8Array(size * size * 3);
  const mask = new Uint8Array(size * size);
  const { tint, grain: deviation } = scene.illumination;
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const k = row * size + column;
      const offset = row * stride + column * 4;
      const below = sheet[under + offset + 3]! / 255;
      const above = sheet[object + offset + 3]! / 255;
      const brightness = lightAt(scene.illumination, (column + 0.5) / size, (row + 0.5) / size);
      const speck = deviation * grain.normal();
      for (let channel = 0; channel < 3; channel++) {
        let value = canvas[3 * k + channel]!;
        value += (sheet[under + offset + channel]! - value) * below;
        value += (sheet[object + offset + channel]! - value) * above;
        const lit = value * brightness * tint[channel]! + speck;
        pixels[3 * k + channel] = lit < 0 ? 0 : lit > 255 ? 255 : lit + 0.5;
      }
      mask[k] = above >= 0.5 ? 1 : 0;
    }
  return { pixels, mask };
}

/** Brightness at a point of the unit square. */
function lightAt({ level, slopeX, slopeY, vignette }: Illumination, x: number, y: number): number {
  const [dx, dy] = [2 * x - 1, 2 * y - 1];
  return level + slopeX * dx + slopeY * dy - 0.5 * vignette * (dx * dx + dy * dy);
}
