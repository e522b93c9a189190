import { type Rendering, renderSheet, sheetCapacity } from './render';
import type { SceneKey } from './scene';

/** Bytes of rendered images kept in memory, shared by a dataset and its subsets. */
const budget = 256 * 2 ** 20;

interface Waiting {
  key: SceneKey;
  resolve(rendering: Rendering): void;
  reject(error: unknown): void;
}

const nameOf = ({ seed, split, label, index }: SceneKey) => `${seed}/${split}/${label}/${index}`;

/** Renders on demand: what is asked for in one turn of the event loop shares sheets; the oldest images go first. */
export class RenderCache {
  private readonly renderings = new Map<string, Promise<Rendering>>();
  private readonly capacity: number;
  private waiting: Waiting[] = [];

  constructor(private readonly size: number) {
    this.capacity = Math.max(sheetCapacity, Math.floor(budget / (size * size * 4)));
  }

  get(key: SceneKey): Promise<Rendering> {
    const name = nameOf(key);
    let rendering = this.renderings.get(name);
    if (rendering)
      this.renderings.delete(name); // and to the young end again
    else {
      rendering = new Promise<Rendering>((resolve, reject) => {
        if (this.waiting.length === 0) setImmediate(() => void this.flush());
        this.waiting.push({ key, resolve, reject });
      });
      rendering.catch(() => this.renderings.delete(name));
    }
    this.renderings.set(name, rendering);
    if (this.renderings.size > this.capacity) this.renderings.delete(this.renderings.keys().next().value!);
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
        batch.forEach(({ resolve }, k) => resolve(sheet[k]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
