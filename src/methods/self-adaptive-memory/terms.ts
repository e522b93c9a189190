/** History of the loss's three terms, for a chart. */

/** Unweighted terms of L = L_diffusion + λ_r L_real + λ_g L_gen. */
export interface LossTerms {
  diffusion: number;
  real: number;
  generated: number;
}

/** Means over the steps from `step` on, up to the next entry's. */
export interface TermMeans extends LossTerms {
  step: number;
}

const BINS = 100;

/** Means of the terms in each hundredth of a training. */
export class TermHistory {
  private sums = new Map<number, LossTerms & { count: number }>();

  constructor(private readonly steps: number) {}

  add(step: number, { diffusion, real, generated }: LossTerms): void {
    const bin = Math.floor((BINS * step) / this.steps);
    const sum = this.sums.get(bin) ?? { diffusion: 0, real: 0, generated: 0, count: 0 };
    this.sums.set(bin, {
      diffusion: sum.diffusion + diffusion,
      real: sum.real + real,
      generated: sum.generated + generated,
      count: sum.count + 1,
    });
  }

  means(): TermMeans[] {
    return [...this.sums].map(([bin, { diffusion, real, generated, count }]) => ({
      step: Math.ceil((bin * this.steps) / BINS),
      diffusion: diffusion / count,
      real: real / count,
      generated: generated / count,
    }));
  }

  toJSON(): unknown {
    return [...this.sums];
  }

  restore(saved: unknown): void {
    this.sums = new Map(saved as [number, LossTerms & { count: number }][]);
  }
}
