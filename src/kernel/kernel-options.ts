/** Options of a kernel. */
import type { CellLanguage } from './language';

export interface KernelOptions {
  language: CellLanguage;
  /** The project's folder. */
  root: string;
  /** Folder of the bundled kernel. */
  programs: string;
  /** The notebook's folder. */
  folder: string;
}
