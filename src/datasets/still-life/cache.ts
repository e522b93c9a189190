import { imageBudget, LruCache } from '../lru';
import { type Rendering, renderSheet, sheetCapacity } from './render';
import type { SceneKey } from './scene';

interface Waiting {
  key: SceneKey;
  resolve(rendering: Rendering): void;
  reject(error: unknown): void;
}

const nameOf = ({ seed, split, label, index }: SceneKey) => `${seed}/${split}/${label}/${index}`;

/** Renders on demand: what is asked for in one turn of the event loop shares sheets; the oldest images go first. */
export class RenderCache {
  private readonly renderings: LruCache<Promise<Rendering>>;
  private waiting: Waiting[] = [];

  constructor(private readonly size: number) {
    this.renderings = new LruCache(Math.max(sheetCapacity, Math.floor(imageBudget / (size * size * 4))));
  }

  get(key: SceneKey): Promise<Rendering> {
    const name = nameOf(key);
    const known = this.renderings.get(name);
    if (known) return known;
    const rendering = new Promise<Rendering>((resolve, reject) => {
      if (this.waiting.length === 0) setImmediate(() => void this.flush());
      this.waiting.push({ key, resolve, reject });
    });
    rendering.catch(() => this.renderings.delete(name));
    this.renderings.set(name, rendering);
    return rendering;
  }

  private async flush(): Promise<void> {
    const waiting = this.waiting;
    this.waiting = [];
    for (let start = 0; start < waiting.length; start += sheetCapacity) {
      const batch = waiting.slice(start, start + sheetCapacity);
      try {
        const sheet = await renderSheet(
          batch.map(({ key }) => key),
          this.size,
        );
        for (const [k, { resolve }] of batch.entries()) resolve(sheet[k]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
