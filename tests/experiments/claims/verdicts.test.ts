import { describe, expect, it } from 'vitest';
import { type Judged, readVerdicts, verdictLines } from '../../../src/experiments/claims/verdicts';

const judged: Judged[] = [
  {
    says: 'One is better.',
    ours: { holds: "doesn't hold", sentence: 'Difference −1.0 points.' },
    published: { holds: 'open', sentence: 'Difference +0.2 points.' },
  },
  { says: 'Two is (nearly) *best*.', ours: { holds: 'holds', sentence: 'Nothing else.' }, published: undefined },
  { says: 'Three?', ours: { holds: 'open', sentence: 'Difference +0.1 points.' }, published: undefined },
  {
    says: 'Four.',
    ours: { holds: 'not compared', sentence: 'Nothing to compare at this scale.' },
    published: { holds: 'not compared', sentence: 'Nothing to compare at this scale.' },
  },
];

describe('readVerdicts', () => {
  it('reads what verdictLines wrote', () => {
    expect(readVerdicts(verdictLines(judged))).toEqual(judged);
  });

  it('reads what was written when this had no word of its own', () => {
    const before = verdictLines(judged.slice(3)).replace('Not compared', 'Open');
    expect(readVerdicts(before)[0]!.ours.holds).toBe('not compared');
  });

  it('finds none in prose', () => {
    expect(readVerdicts('- **Bold** here: a list\n  with more')).toEqual([]);
  });
});
