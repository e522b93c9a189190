/** The methods that tables compare, as they are called in them. What each is stands in methods.ts. */
export const methodNames = [
  'diffusion-driven selection',
  'self-adaptive memory',
  'Minimax',
  'DiT',
  'RDED',
  'k-center',
  'herding',
  'GraNd',
  'random',
  'random patches',
  'oracle',
  'object missed',
] as const;

export type MethodName = (typeof methodNames)[number];
