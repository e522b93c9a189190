/** Rows and pictures that several chart tests share. */

/** Three methods, two IPC values, five seeds. */
export const rows = ['random', 'RDED', 'ours'].flatMap((method, m) =>
  [10, 50].flatMap((ipc, i) =>
    [0, 1, 2, 3, 4].map((seed) => ({ method, ipc, seed, accuracy: 0.2 + 0.1 * m + 0.15 * i + 0.01 * (seed - 2) })),
  ),
);

export const published = [
  { at: { method: 'RDED', ipc: 10 }, mean: 50.2, sd: 0.3, differs: '300 epochs, all of CIFAR-10' },
  { at: { method: 'full dataset', ipc: 50 }, mean: 88.1 },
];

/** An image of one colour. */
export function plain(height: number, width: number, colour: readonly [number, number, number]) {
  const data = new Uint8Array(height * width * 3);
  for (let i = 0; i < height * width; i++) data.set(colour, i * 3);
  return { data, height, width };
}

/** The colour at a place of an image. */
export function at(image: { data: Uint8Array; width: number }, y: number, x: number): number[] {
  return [...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3)];
}
