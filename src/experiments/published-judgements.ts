/** What a paper's own figures say of an item's claims: that needs no run. */
import { publishedEvidence } from './claims';
import type { Judgement } from './claims/verdicts';
import { type CatalogueItem, isExhibit } from './exhibit';

/** By what a claim says; none where the paper prints no figures, or the text has lost them. */
export function publishedJudgements(item: CatalogueItem): ReadonlyMap<string, Judgement> {
  if (!item.published || item.published.rows.length === 0) return new Map();
  if (isExhibit(item)) return judged(item.claims, item.published.rows);
  return judged(item.claims, publishedEvidence(item.published));
}

const judged = <Figures>(
  claims: readonly { says: string; test(figures: Figures): Judgement }[],
  figures: Figures,
): Map<string, Judgement> => new Map(claims.map((claim) => [claim.says, claim.test(figures)]));
