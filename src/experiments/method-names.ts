/** The methods that tables compare, as they are called in them. What each is stands in methods.ts. */
export const methodNames = [
  'diffusion-driven selection',
  'self-adaptive memory',
  'Minimax',
  'DiT',
  'D4M',
  'MGD3',
  'IGD',
  'D3HR',
  'RDED',
  'k-center',
  'herding',
  'GraNd',
  'DM',
  'DSA',
  'IDC-1',
  'IDM',
  'TESLA',
  'DATM',
  'SRe2L',
  'random',
  'random patches',
  'oracle',
  'object missed',
] as const;

export type MethodName = (typeof methodNames)[number];

/** Methods of the papers' tables that are not implemented here: their published figures, where there are any, stand alone. */
export const absentMethods = ['GLaD'] as const;

export const isMethodName = (name: string): name is MethodName => methodNames.some((known) => known === name);
