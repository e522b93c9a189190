/** Names of a compiled cell's parameters, in order: the contract between the compiler and the cell process. */
export const RUNTIME = {
  /** Object that holds the variables of the notebook. */
  scope: '__scope',
  /** Int32Array; [0] ≠ 0 while the running cell should stop. Read in every loop. */
  stop: '__stop',
  /** Throws `Interrupted`. */
  interrupt: '__interrupt',
  /** Returns an awaited value, or throws if its cell was interrupted. */
  resumed: '__resumed',
  /** Records that a top-level statement has run, so that its names exist. */
  reached: '__reached',
  /** `import.meta` of the cell. */
  meta: '__meta',
  /** `import()` of the cell. */
  import: '__import',
  require: 'require',
  filename: '__filename',
  dirname: '__dirname',
} as const;

/** The source of a cell's function around the compiled statements. Its first line is line 0 of the script. */
export function wrapCell(javascript: string): string {
  return `(async (${Object.values(RUNTIME).join(', ')}) => { 'use strict';\n${javascript}\n})`;
}
