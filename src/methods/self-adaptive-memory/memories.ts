/** The memories of all classes: of real latents and of generated ones, updated by step or by epoch. */
import { RandomStream } from '../../engine';
import type { StoredTensor, TensorSource, TrainingState } from '../../models';
import { LatentMemory, type MemoryEntry } from './memory';
import type { MemorySettings } from './settings';

/** 'real': encoded images, for representativeness. 'generated': what the network made of them, for diversity. */
export type MemoryKind = 'real' | 'generated';
const KINDS: readonly MemoryKind[] = ['real', 'generated'];

/** One step's latents of one image. */
export interface SeenLatents extends Omit<MemoryEntry, 'latent'> {
  /** Class of the image. */
  label: number;
  real: Float32Array;
  generated: Float32Array;
}

/** An entry, described for inspection. */
export interface MemoryRow {
  kind: MemoryKind;
  label: number;
  /** Position in the memory, the oldest first. */
  place: number;
  image: string;
  step: number;
  timestep: number;
  /** Σ_j cos(m_i, m_j): in a self-adaptive memory the largest leaves next. */
  similarity: number;
}

/** Latents of one class and kind that wait for the epoch's end. */
interface Waiting {
  entries: MemoryEntry[];
  /** How many have arrived in this epoch. */
  seen: number;
}

export class Memories implements TrainingState {
  private readonly banks: Record<MemoryKind, Map<number, LatentMemory>> = { real: new Map(), generated: new Map() };
  private readonly waiting: Record<MemoryKind, Map<number, Waiting>> = { real: new Map(), generated: new Map() };
  private epoch = 0;

  constructor(readonly settings: MemorySettings) {
    for (const kind of KINDS) this.make(kind); // throws early if a capacity is wrong
  }

  /** A class's memory; undefined until the class has been seen. */
  of(kind: MemoryKind, label: number): LatentMemory | undefined {
    return this.banks[kind].get(label);
  }

  /** Adds a step's latents, those of a class together. */
  insert(seen: readonly SeenLatents[]): void {
    for (const label of new Set(seen.map((one) => one.label))) {
      for (const kind of KINDS) {
        const entries = seen
          .filter((one) => one.label === label)
          .map(({ step, timestep, image, ...latents }) => ({ latent: latents[kind], step, timestep, image }));
        if (this.settings.update === 'epoch' && this.epoch > 0) this.wait(kind, label, entries);
        else this.bank(kind, label).add(entries);
      }
    }
  }

  /** Adds the waiting latents. */
  endEpoch(): void {
    for (const kind of KINDS) {
      for (const [label, { entries }] of this.waiting[kind]) this.bank(kind, label).add(entries);
      this.waiting[kind].clear();
    }
    this.epoch += 1;
  }

  /** Every entry of every memory: its origin, and its similarity to the others. */
  rows(): MemoryRow[] {
    return KINDS.flatMap((kind) =>
      [...this.banks[kind]]
        .sort(([a], [b]) => a - b)
        .flatMap(([label, memory]) => {
          const similarities = memory.similarities();
          return memory.entries.map(({ image, step, timestep }, place) => {
            return { kind, label, place, image, step, timestep, similarity: similarities[place]! };
          });
        }),
    );
  }

  /** Latents as tensors 'kind/label' and 'waiting/kind/label' [entries, values]; the rest as JSON. */
  save(): { tensors: Map<string, StoredTensor>; values: unknown } {
    const tensors = new Map<string, StoredTensor>();
    const described: Record<string, Described> = {};
    const keep = (name: string, entries: readonly MemoryEntry[], seen = 0): void => {
      tensors.set(name, joined(entries));
      described[name] = { seen, entries: entries.map(({ step, timestep, image }) => ({ step, timestep, image })) };
    };
    for (const kind of KINDS) {
      for (const [label, memory] of this.banks[kind]) keep(`${kind}/${label}`, memory.entries);
      for (const [label, { entries, seen }] of this.waiting[kind]) keep(`waiting/${kind}/${label}`, entries, seen);
    }
    return { tensors, values: { epoch: this.epoch, described } };
  }

  restore({ tensors, values }: { tensors: TensorSource; values: unknown }): void {
    const saved = values as { epoch: number; described: Record<string, Described> };
    this.epoch = saved.epoch;
    for (const kind of KINDS) {
      this.banks[kind].clear();
      this.waiting[kind].clear();
    }
    for (const [name, { seen, entries: known }] of Object.entries(saved.described)) {
      const [label, kind, waits] = name.split('/').reverse() as [string, MemoryKind, string | undefined];
      const entries = parted(tensors.get(name)!, known);
      if (waits === undefined) this.bank(kind, Number(label)).add(entries);
      else this.waiting[kind].set(Number(label), { entries, seen });
    }
  }

  private bank(kind: MemoryKind, label: number): LatentMemory {
    const { [kind]: banks } = this.banks;
    const memory = banks.get(label) ?? this.make(kind);
    banks.set(label, memory);
    return memory;
  }

  private make(kind: MemoryKind): LatentMemory {
    return new LatentMemory(this.capacity(kind), this.settings.policy);
  }

  private capacity(kind: MemoryKind): number {
    return kind === 'real' ? this.settings.realCapacity : this.settings.generatedCapacity;
  }

  /** Reservoir sampling (Vitter 1985, algorithm R): each latent of the epoch has the same chance to wait. */
  private wait(kind: MemoryKind, label: number, entries: readonly MemoryEntry[]): void {
    const waiting = this.waiting[kind].get(label) ?? { entries: [], seen: 0 };
    this.waiting[kind].set(label, waiting);
    for (const entry of entries) {
      const stream = new RandomStream(this.settings.seed, 'waiting', kind, label, this.epoch, waiting.seen);
      const place = waiting.seen < this.capacity(kind) ? waiting.seen : stream.integer(waiting.seen + 1);
      if (place < this.capacity(kind)) waiting.entries[place] = entry;
      waiting.seen += 1;
    }
  }
}

/** The part of a list of entries that isn't a tensor. */
interface Described {
  seen: number;
  entries: Omit<MemoryEntry, 'latent'>[];
}

function joined(entries: readonly MemoryEntry[]): StoredTensor {
  const width = entries[0]?.latent.length ?? 0;
  const data = new Float32Array(entries.length * width);
  for (const [i, { latent }] of entries.entries()) data.set(latent, i * width);
  return { shape: [entries.length, width], data };
}

function parted({ shape, data }: StoredTensor, known: Described['entries']): MemoryEntry[] {
  const width = shape[1]!;
  return known.map((entry, i) => ({ ...entry, latent: data.slice(i * width, (i + 1) * width) }));
}
