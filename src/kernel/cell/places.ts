/** Types of module loading: `import()`, and the folders that are involved. */

/** The second argument of `import()`. */
type ImportOptions = { with?: Record<string, string> };

export type Import = (specifier: string, options?: ImportOptions) => Promise<unknown>;

export interface ModulePlaces {
  /** The project's folder. */
  root: string;
  /** The notebook's folder. */
  folder: string;
  /** Folder of the bundled kernel. */
  programs: string;
}
