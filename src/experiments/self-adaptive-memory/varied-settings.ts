/** What Figure 4 of paper 000 varies, each alone. */

/**
 * The values that are adopted, those of the released code. The figure's own values are lost in the text: those beside them
 * are ours, on both sides, in steps of four for the weights.
 */
export const variedSettings = {
  λ_r: { field: 'lambdaReal', adopted: 0.002, values: [0, 0.0005, 0.002, 0.008] },
  λ_g: { field: 'lambdaGenerated', adopted: 0.008, values: [0, 0.002, 0.008, 0.032] },
  N_R: { field: 'realCapacity', adopted: 64, values: [16, 64, 128] },
  N_G: { field: 'generatedCapacity', adopted: 64, values: [16, 64, 128] },
} as const;

export type VariedSetting = keyof typeof variedSettings;

export const variedNames = Object.keys(variedSettings) as VariedSetting[];

/** Setting → its adopted value. */
export const adoptedValues: Readonly<Record<string, number>> = Object.fromEntries(
  variedNames.map((name) => [name, variedSettings[name].adopted]),
);
