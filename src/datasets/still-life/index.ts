import type { LongTask } from '../../engine';
import { breathe } from '../../engine/progress';
import { fingerprint } from '../fingerprint';
import { imageBudget, LruCache } from '../lru';
import type { AnnotatedDataset, Pixels } from '../record';
import { things } from './objects';
import { type Rendering, render } from './render';
import { closeUp, modeOf, type SceneKey, type Scenery, worldVersion } from './scene';

export { worldVersion };

export interface StillLifeOptions {
  /** Two worlds without a common image, drawn in the same way. */
  split: 'train' | 'test';
  /** Images per class; a smaller set is the beginning of a larger one. */
  perClass: number;
  /** Side in pixels, 16 … 1024. @default 64 */
  size?: number;
  /** @default 0 */
  seed?: number;
  /** Share of the image that the object covers, from … to; within 0.005 … 0.27. @default [0.11, 0.27], close-ups */
  objectArea?: readonly [number, number] | undefined;
  /** 'room': on tables and cloths, before walls, among small things. 'studio': alone on a plain surface. @default 'room' */
  scenery?: Scenery | undefined;
}

/** All images of the world in arrays. */
export interface RenderedWorld {
  /** RGB, N · size · size · 3. */
  pixels: Uint8Array;
  /** N · size · size, 1 on the object. */
  masks: Uint8Array;
  labels: Int32Array;
  /** Mode of each image within its class. */
  modes: Int32Array;
  size: number;
}

/** The embedded world: ten kinds of household things in four modes each, on tables, cloths and walls. */
export class StillLife implements AnnotatedDataset {
  readonly classes: readonly string[] = things.map(({ name }) => name);
  readonly modes: readonly (readonly string[])[] = things.map((thing) => thing.modes.map(({ name }) => name));
  readonly labels: Int32Array;
  private summary: string | undefined;

  constructor(
    readonly name: string,
    readonly size: number,
    private readonly keys: readonly SceneKey[],
    private readonly cache = new LruCache<Promise<Rendering>>(
      Math.max(64, Math.floor(imageBudget / (size * size * 4))),
    ),
  ) {
    this.labels = Int32Array.from(keys, ({ label }) => label);
  }

  get fingerprint(): string {
    this.summary ??= fingerprint('still-life', ...this.keys.map((_, i) => this.id(i)));
    return this.summary;
  }

  /** The recipe is the identity: the same key always gives the same pixels. */
  id(i: number): string {
    const { seed, split, label, index, objectArea, scenery } = this.key(i);
    const place = `${worldVersion}/${this.size}/${seed}/${split}/${label}/${index}`;
    const special = [objectArea?.join('-'), scenery].filter((part) => part !== undefined);
    return fingerprint('still-life', [place, ...special].join('/'));
  }

  mode(i: number): number {
    return modeOf(this.key(i));
  }

  async image(i: number): Promise<Pixels> {
    const { pixels } = await this.rendering(i);
    return { data: pixels, height: this.size, width: this.size };
  }

  async mask(i: number): Promise<Uint8Array> {
    return (await this.rendering(i)).mask;
  }

  subset(indices: ArrayLike<number>, name = `${this.name} (${indices.length} chosen)`): StillLife {
    const keys = Array.from(indices, (i) => this.key(i));
    return new StillLife(name, this.size, keys, this.cache);
  }

  /** Renders everything, in order, into arrays: the fast way to train on the world. */
  async renderAll({ signal, onProgress }: LongTask = {}): Promise<RenderedWorld> {
    const { keys, size, labels } = this;
    const area = size * size;
    const world: RenderedWorld = {
      pixels: new Uint8Array(keys.length * area * 3),
      masks: new Uint8Array(keys.length * area),
      labels,
      modes: Int32Array.from(keys, modeOf),
      size,
    };
    const ahead: Promise<Rendering>[] = [];
    for (let i = 0, started = 0; i < keys.length; i++) {
      while (started < Math.min(keys.length, i + 8)) {
        const rendering = render(keys[started++]!, size); // sharp draws beside us
        rendering.catch(() => undefined); // thrown when its turn comes, or not at all after an interrupt
        ahead.push(rendering);
      }
      const { pixels, mask } = await ahead.shift()!;
      world.pixels.set(pixels, i * area * 3);
      world.masks.set(mask, i * area);
      if (i % 64 === 63 || i === keys.length - 1) {
        onProgress?.({ label: `Rendering ${this.name}`, done: i + 1, total: keys.length });
        await breathe(signal);
      }
    }
    return world;
  }

  private rendering(i: number): Promise<Rendering> {
    const id = this.id(i);
    const known = this.cache.get(id);
    if (known) return known;
    const rendering = render(this.key(i), this.size);
    rendering.catch(() => this.cache.delete(id));
    this.cache.set(id, rendering);
    return rendering;
  }

  private key(i: number): SceneKey {
    const key = this.keys[i];
    if (!key) throw new RangeError(`Expected an image index in 0 … ${this.keys.length - 1} of ${this.name}, got ${i}.`);
    return key;
  }
}

/**
 * The embedded world. Image i shows class i mod 10, so every beginning of it is balanced.
 *
 * @example const world = stillLife({ split: 'train', perClass: 500 });
 * @throws when an option is out of range.
 */
export function stillLife(options: StillLifeOptions): StillLife {
  const { split, perClass, size = 64, seed = 0, objectArea = closeUp, scenery = 'room' } = options;
  if (split !== 'train' && split !== 'test') throw new Error(`Expected split to be 'train' or 'test', got '${split}'.`);
  if (!Number.isInteger(perClass) || perClass < 1)
    throw new Error(`Expected perClass to be a whole number of at least 1, got ${perClass}.`);
  if (!Number.isInteger(size) || size < 16 || size > 1024)
    throw new Error(`Expected size to be a whole number in 16 … 1024 pixels, got ${size}.`);
  const [least, most] = objectArea;
  if (!(least >= 0.005 && least <= most && most <= closeUp[1]))
    throw new Error(`Expected objectArea to be a range within 0.005 … ${closeUp[1]}, got [${objectArea.join(', ')}].`);
  if (scenery !== 'room' && scenery !== 'studio')
    throw new Error(`Expected scenery to be 'room' or 'studio', got '${scenery}'.`);
  const area = least === closeUp[0] && most === closeUp[1] ? {} : { objectArea };
  const keys = Array.from({ length: perClass * things.length }, (_, i) => ({
    seed,
    split,
    label: i % things.length,
    index: Math.floor(i / things.length),
    ...area,
    ...(scenery === 'room' ? {} : { scenery }),
  }));
  return new StillLife(`still life ${split}`, size, keys);
}
