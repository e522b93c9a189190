/** The settings of diffusion-driven selection, with the paper's values as defaults. */

export interface ScoreSettings {
  /** Timesteps as fractions of the schedule (Table 6: [0.1, 0.7] is best). */
  timestepRange: readonly [number, number];
  /** Timesteps at which each image's noise loss is taken (not given in the paper; its pipeline's ancestor draws 100). */
  draws: number;
  /** '{}' stands for the class name; the null prompt is the template with the label taken out (section 3.1). */
  prompt: string;
  nullPrompt: string;
  seed: number;
}

export interface FeatureSettings {
  /** Timestep of the noise under the features, 0 … 999 (appendix A.1: 0.16 of the schedule). */
  featureTimestep: number;
  /** Up-block whose output is the feature, 0 = coarsest. */
  upBlock: number;
  /** Noise draws averaged. */
  ensemble: number;
}

export interface SelectSettings {
  timestepRange: readonly [number, number];
  /** Side of a patch in pixels, or 'image' for the whole image (low-resolution sets, section 4). */
  patchSize: number | 'image';
  /** Best non-overlapping patches taken from an image, at most. */
  patchesPerImage: number;
  /** Clusters a class, and how many of them are drawn from first (section 3.2: 32 and 10); 0 clusters = by score alone. */
  clusters: number;
  topClusters: number;
  imagesPerClass: number;
  seed: number;
}

export const paperScores: ScoreSettings = {
  timestepRange: [0.1, 0.7],
  draws: 100,
  prompt: 'An image of {}',
  nullPrompt: 'An image of .',
  seed: 42,
};

export const paperFeatures: FeatureSettings = { featureTimestep: 160, upBlock: 1, ensemble: 8 };

/** For images with a short edge of 256 pixels (appendix B.2). */
export const paperSelection: Omit<SelectSettings, 'imagesPerClass'> = {
  timestepRange: [0.1, 0.7],
  patchSize: 224,
  patchesPerImage: 5,
  clusters: 32,
  topClusters: 10,
  seed: 10,
};

/** The prompt of a class: 'An image of golden retriever'. @throws when the template has no '{}'. */
export function labelPrompt(template: string, label: string): string {
  if (!template.includes('{}'))
    throw new Error(`Expected a prompt template with '{}' for the class name, got '${template}'.`);
  return template.replace('{}', label);
}
