/**
 * DD-Ranking's scores: how much of an accuracy is due to the images, and not to labels or augmentation (Li et al.,
 * 2025; NUS-HPC-AI-Lab/DD-Ranking, README). By the formula, with accuracies as shares; the package at v0.2.0 passes per
 * cents.
 */

/** Accuracies of a set, of equally many random images, and of all real images; each 0 … 1. */
export interface LabelRobustness {
  /** All real images, with class labels. */
  fullHard: number;
  /** The set, with class labels. */
  setHard: number;
  /** The set, with the labels that suit it best. */
  setAny: number;
  /** Random images, with the recipe of `setAny`. */
  randomAny: number;
  /** Weight of the improvement over random, 0 … 1. @default 0.5 */
  weight?: number;
}

export interface LabelRobustScore {
  /** HLR: the loss against all real images, with class labels. Lower is better. */
  hardLabelRecovery: number;
  /** IOR: the gain over random images with the same labels. */
  improvementOverRandom: number;
  /** LRS, 0 … 1. */
  score: number;
}

/**
 * LRS: (e^α − e⁻¹) / (e − e⁻¹) of α = w · IOR − (1 − w) · HLR.
 * @throws unless accuracies and weight are within 0 … 1
 */
export function labelRobustScore({
  fullHard,
  setHard,
  setAny,
  randomAny,
  weight = 0.5,
}: LabelRobustness): LabelRobustScore {
  expectShares({ fullHard, setHard, setAny, randomAny, weight });
  const hardLabelRecovery = fullHard - setHard;
  const improvementOverRandom = setAny - randomAny;
  const score = normalised(weight * improvementOverRandom - (1 - weight) * hardLabelRecovery);
  return { hardLabelRecovery, improvementOverRandom, score };
}

/** Accuracies of a set and of equally many random images, with augmentation and without; each 0 … 1. */
export interface AugmentationRobustness {
  setWith: number;
  randomWith: number;
  setWithout: number;
  randomWithout: number;
  /** Weight of the trainings with augmentation, 0 … 1. @default 0.5 */
  weight?: number;
}

/** ARS, 0 … 1: as LRS, of β = γ · (set − random, augmented) + (1 − γ) · (set − random, as they are). @throws as labelRobustScore does */
export function augmentationRobustScore({
  setWith,
  randomWith,
  setWithout,
  randomWithout,
  weight = 0.5,
}: AugmentationRobustness): number {
  expectShares({ setWith, randomWith, setWithout, randomWithout, weight });
  return normalised(weight * (setWith - randomWith) + (1 - weight) * (setWithout - randomWithout));
}

/** −1 … 1 → 0 … 1, steeper towards 1. */
const normalised = (value: number): number => (Math.exp(value) - Math.exp(-1)) / (Math.E - Math.exp(-1));

function expectShares(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value >= 0 && value <= 1) continue;
    throw new Error(`Expected '${name}' to be a share, 0 … 1, got ${value}. Divide percentages by 100.`);
  }
}
