/** Names of the methods that tables compare; methods.ts defines them. */
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
  'GLaD',
  'TESLA',
  'DATM',
  'SRe2L',
  'random',
  'random patches',
  'oracle',
  'object missed',
] as const;

export type MethodName = (typeof methodNames)[number];

export const isMethodName = (name: string): name is MethodName => methodNames.some((known) => known === name);
