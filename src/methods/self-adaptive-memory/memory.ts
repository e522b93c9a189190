/** A bounded memory of latents that decides by itself what to forget (paper 000's self-adaptive memory). */
import { type Tensor2D, tf } from '../../engine';

/**
 * Which entry a memory over its capacity drops, one at a time:
 * - 'self-adaptive': the one most similar to all others together, so that the rest is diverse [K: as released];
 * - 'fifo': the oldest, which is Minimax diffusion;
 * - 'min': the one least similar to the others, an ablation (an unused argument of the released code).
 */
export type MemoryPolicy = 'self-adaptive' | 'fifo' | 'min';

/** A latent in a memory, and where it comes from. */
export interface MemoryEntry {
  /** The latent, flattened. */
  readonly latent: Float32Array;
  /** Optimiser step that saw it, from 0. */
  readonly step: number;
  /** Timestep of the noise that was added to its image then: the higher it is, the blurrier a predicted latent. */
  readonly timestep: number;
  /** Identity of the image: its content fingerprint. */
  readonly image: string;
}

/** At most `capacity` entries, in order of arrival. */
export class LatentMemory {
  private held: MemoryEntry[] = [];
  /** The latents scaled to length 1, in the order of the entries. */
  private directions: Float32Array[] = [];
  /** cos of each pair of entries; the diagonal is 1. */
  private cosines: number[][] = [];

  /** @throws unless the capacity is an integer of 1 or more */
  constructor(
    readonly capacity: number,
    readonly policy: MemoryPolicy,
  ) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new Error(`Expected a memory's capacity to be an integer of 1 or more, got ${capacity}.`);
    }
  }

  get size(): number {
    return this.held.length;
  }

  get entries(): readonly MemoryEntry[] {
    return this.held;
  }

  /**
   * Adds entries, then drops one at a time until the capacity is met.
   * @throws on a latent without a direction (zero, or not finite), or of another length than the others
   */
  add(entries: readonly MemoryEntry[]): void {
    for (const entry of entries) {
      const direction = unit(entry, this.directions[0]?.length);
      const row = this.directions.map((other) => dot(direction, other));
      for (const [i, others] of this.cosines.entries()) others.push(row[i]!);
      this.held.push(entry);
      this.directions.push(direction);
      this.cosines.push([...row, 1]);
    }
    while (this.held.length > this.capacity) this.forget(this.chosen());
  }

  /** The similarity vector: s_i = Σ_j cos(m_i, m_j) over all entries, the entry itself included. */
  similarities(): number[] {
    return this.cosines.map((row) => row.reduce((sum, cosine) => sum + cosine, 0));
  }

  /** Mean cosine of two different entries; NaN with fewer than two. */
  get meanCosine(): number {
    const { size } = this;
    const all = this.similarities().reduce((sum, similarity) => sum + similarity, 0);
    return (all - size) / (size * (size - 1));
  }

  /** The entries scaled to length 1, [size, values], for cosines. The caller disposes them. */
  unitVectors(): Tensor2D {
    const width = this.directions[0]?.length ?? 0;
    const values = new Float32Array(this.size * width);
    for (const [i, direction] of this.directions.entries()) values.set(direction, i * width);
    return tf.tensor2d(values, [this.size, width]);
  }

  /** Position of the entry that leaves next; the first one wins a tie. */
  private chosen(): number {
    if (this.policy === 'fifo') return 0;
    const similarities = this.similarities();
    const extreme = this.policy === 'min' ? Math.min(...similarities) : Math.max(...similarities);
    return similarities.indexOf(extreme);
  }

  private forget(position: number): void {
    this.held.splice(position, 1);
    this.directions.splice(position, 1);
    this.cosines.splice(position, 1);
    for (const row of this.cosines) row.splice(position, 1);
  }
}

function unit({ latent, image, step }: MemoryEntry, length: number | undefined): Float32Array {
  if (length !== undefined && latent.length !== length) {
    throw new Error(`Expected latents of ${length} values in a memory, got ${latent.length}.`);
  }
  const norm = Math.sqrt(dot(latent, latent));
  if (!(norm > 0 && Number.isFinite(norm))) {
    throw new Error(`Expected a latent with a direction, got one of norm ${norm} (image '${image}', step ${step}).`);
  }
  return latent.map((value) => value / norm);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
