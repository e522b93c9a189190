/** A paper's claims as functions of rows: each is put to our rows and to the paper's own. */
import { type Comparison, type Evidence, marginOf, matches, type Place } from './compare';

/** What comparisons say of a claim. */
export interface Verdict {
  /**
   * Holds: every comparison is for it, each by its 95 % interval. Doesn't: one at least is against, by an interval that is as
   * much wider as there are more comparisons (Bonferroni's), since among many one is against by chance. Open: neither. Not
   * compared: a side is missing.
   */
  holds: 'holds' | "doesn't hold" | 'open' | 'not compared';
  /** Comparisons whose whole interval is for the claim; whose wider one is against it; the others. */
  for: number;
  against: number;
  open: number;
  comparisons: readonly Comparison[];
  sentence: string;
}

export interface Claim {
  /** One sentence, the paper's meaning in plain words. */
  says: string;
  /** What the paper's own figures say of it; a test holds this. */
  onPublished: Verdict['holds'] | 'not in the text';
  test(evidence: Evidence): Verdict;
}

interface ClaimText {
  says: string;
  onPublished: Claim['onPublished'];
}

/**
 * `a` is above `b` wherever both have a figure: `above({ features: 'dift' }, { features: 'none' }, …)` compares them in
 * every dataset and at every IPC.
 * @param a values of axes that make one side; `b` those that make the other
 * @param standardErrors how far above, in standard errors of the difference. Default: its 95 % interval is above zero
 */
export function above(a: Place, b: Place, { standardErrors, ...text }: ClaimText & { standardErrors?: number }): Claim {
  return {
    ...text,
    test(evidence) {
      const others = evidence.places(b);
      const found = others.flatMap((place) => evidence.compare({ ...place, ...a }, place) ?? []);
      return judge(found, standardErrors === undefined ? isAbove : isAboveBy(standardErrors));
    },
  };
}

/**
 * The place `best` is the highest along its own axes: of `{ start: 0.1, end: 0.7 }` every other start and end with equal
 * other axes is lower.
 * @param among leaves places out, e.g. the controls that the paper's table doesn't have
 */
export function highest(best: Place, { among = {}, ...text }: ClaimText & { among?: Place }): Claim {
  return {
    ...text,
    test(evidence) {
      const others = evidence.places(among, best).filter((place) => !matches(place, best));
      return judge(others.flatMap((place) => evidence.compare({ ...place, ...best }, place) ?? []));
    },
  };
}

/** `a` is within `points` of `b` wherever both have a figure: "nearly on par". */
export function close(a: Place, b: Place, { points, ...text }: ClaimText & { points: number }): Claim {
  return {
    ...text,
    test(evidence) {
      const others = evidence.places(b);
      const found = others.flatMap((place) => evidence.compare({ ...place, ...a }, place) ?? []);
      return judge(found, isWithin(points));
    },
  };
}

/** Every place of `a` is within `points` of a figure that is known, in per cent: a published one that is to be met. */
export function meets(a: Place, figure: number, { points, ...text }: ClaimText & { points: number }): Claim {
  return {
    ...text,
    test(evidence) {
      const found = evidence.places(a);
      return judge(
        found.flatMap((place) => evidence.compareTo(place, figure) ?? []),
        isWithin(points),
      );
    },
  };
}

/**
 * `a` leads `b` by more in the places of `here` than in those of `there`, wherever all four have a figure: "strongest at low
 * IPC". The two leads come from different trainings, so the squares of their margins add up.
 */
export function largerLead(
  a: Place,
  b: Place,
  { here, there, ...text }: ClaimText & { here: Place; there: Place },
): Claim {
  return {
    ...text,
    test(evidence) {
      const lead = (place: Place) => evidence.compare({ ...place, ...a }, { ...place, ...b });
      const places = evidence.places(b, here).filter((place) => matches(place, here));
      return judge(
        places.flatMap((place) => {
          const [one, other] = [lead(place), lead({ ...place, ...there })];
          if (!one || !other) return [];
          const difference = one.difference - other.difference;
          const margin = Math.hypot(one.high - one.difference, other.high - other.difference);
          const standardError = Math.hypot(one.standardError, other.standardError);
          return {
            a: one.a,
            b: other.a,
            difference,
            low: difference - margin,
            high: difference + margin,
            standardError,
            degrees: Math.min(one.degrees, other.degrees),
          };
        }),
      );
    },
  };
}

/** When a comparison is for a claim, and when against it. */
interface Test {
  isFor(interval: Comparison): boolean;
  isAgainst(wider: Comparison): boolean;
}

const isAbove: Test = { isFor: ({ low }) => low > 0, isAgainst: ({ high }) => high < 0 };

const isAboveBy = (standardErrors: number): Test => ({
  ...isAbove,
  isFor: ({ difference, standardError }) => difference > 0 && difference >= standardErrors * standardError,
});

const isWithin = (points: number): Test => ({
  isFor: ({ low, high }) => low > -points && high < points,
  isAgainst: ({ low, high }) => low > points || high < -points,
});

/** The interval of one comparison among `count`, so that all of them hold the truth in 95 % of cases. */
function widened(comparison: Comparison, count: number): Comparison {
  const { difference, low, high, degrees } = comparison;
  if (count === 1 || !Number.isFinite(low)) return comparison;
  const wider = marginOf(degrees, 1 - 0.05 / count) / marginOf(degrees);
  return {
    ...comparison,
    low: difference - wider * (difference - low),
    high: difference + wider * (high - difference),
  };
}

function judge(comparisons: readonly Comparison[], { isFor, isAgainst }: Test = isAbove): Verdict {
  const pro = comparisons.filter(isFor).length;
  const against = comparisons.filter((one) => isAgainst(widened(one, comparisons.length))).length;
  const open = comparisons.length - pro - against;
  return {
    holds: standing(comparisons.length, { pro, against }),
    for: pro,
    against,
    open,
    comparisons,
    sentence: sentenceOf(comparisons, { for: pro, against, open }),
  };
}

function standing(compared: number, { pro, against }: { pro: number; against: number }): Verdict['holds'] {
  if (compared === 0) return 'not compared';
  return against > 0 ? "doesn't hold" : pro === compared ? 'holds' : 'open';
}

function sentenceOf(comparisons: readonly Comparison[], counts: Pick<Verdict, 'for' | 'against' | 'open'>): string {
  if (comparisons.length === 0) return 'Nothing to compare at this scale.';
  const [only] = comparisons;
  const mean = comparisons.reduce((sum, { difference }) => sum + difference, 0) / comparisons.length;
  if (comparisons.length === 1)
    return `${differenceText(only!)}${only!.by ? `, by the ${only!.by}` : ''}; one comparison.`;
  return `For it ${counts.for} of ${comparisons.length} comparisons, against it ${counts.against} (by intervals widened for so many), open ${counts.open}; mean difference ${signed(mean)} points.`;
}

const differenceText = ({ difference, low, high, standardError }: Comparison): string =>
  Number.isFinite(low)
    ? `Difference ${signed(difference)} points, 95 % interval ${signed(low)} to ${signed(high)}, standard error ${standardError.toFixed(1)}`
    : `Difference ${signed(difference)} points in a single pair of seeds`;

/** '+1.2' or '−1.2', and '0.0' for what rounds to nothing. */
function signed(value: number): string {
  const size = Math.abs(value).toFixed(1);
  return size === '0.0' ? size : `${value < 0 ? '−' : '+'}${size}`;
}
