/** How a cell's modules are loaded, and from where. */

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
