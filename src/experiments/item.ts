/** What tables of accuracies and other exhibits have in common: a name, claims, and files in results/. */
import type { Displayable } from '../charts';
import type { CatalogueItem } from './exhibit';
import { markdown } from './markdown';

/** Files of a result beside its notebook and page, by name. */
export type ResultFiles = Readonly<Record<string, string | Uint8Array>>;

/** What the paper says, and its claims, before anything has run. */
export function claimsText({ item, title, says, claims }: CatalogueItem): Displayable {
  const lines = [`**${item}: ${title}**`, '', says, '', ...claims.map((claim) => `- ${claim.says}`)];
  return markdown(lines.join('\n'));
}

/** Folders of notebooks/ and results/ by paper. */
const folders: Readonly<Record<CatalogueItem['paper'], string>> = {
  'diffusion-driven selection': 'diffusion-driven-selection/',
  'self-adaptive memory': 'self-adaptive-memory/',
  stillhouse: '',
};

/** Where an item's notebook (plus '.ipynb') and its folder of results lie, below notebooks/ and results/. */
export const pathOf = ({ paper, name }: Pick<CatalogueItem, 'paper' | 'name'>): string => `${folders[paper]}${name}`;
