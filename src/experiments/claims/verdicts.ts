/** Verdicts in words: written into a notebook, and read out of an executed one. */
import type { Verdict } from './claim';

/** What rows say of a claim. */
export type Judgement = Pick<Verdict, 'holds' | 'sentence'>;

/** A claim with what our rows and the paper's own figures say of it. */
export interface Judged {
  says: string;
  ours: Judgement;
  /** Undefined where the paper prints no figures, or the text has lost them. */
  published: Judgement | undefined;
}

/** The judgement of a claim about something that a scale lacks. */
export const lackingHere = (name: string): Judgement => ({
  holds: 'not compared',
  sentence: `${name} is not at this scale.`,
});

const words: Readonly<Record<Judgement['holds'], string>> = {
  holds: 'Holds',
  "doesn't hold": "Doesn't hold",
  open: 'Open',
  'not compared': 'Not compared',
};

/** Markdown, a list with an entry per claim. */
export const verdictLines = (judged: readonly Judged[]): string =>
  judged
    .flatMap(({ says, ours, published }) => [
      `- **${words[ours.holds]}** here: ${says}`,
      `  ${ours.sentence}`,
      ...(published ? [`  The paper's own figures: ${published.holds}. ${published.sentence}`] : []),
    ])
    .join('\n');

/** The claims in a text that `verdictLines` wrote; none in another text. */
export function readVerdicts(markdown: string): Judged[] {
  const entries = markdown.matchAll(
    /^- \*\*(Holds|Doesn't hold|Open|Not compared)\*\* here: (.+)\n {2}(.+)(?:\n {2}The paper's own figures: (holds|doesn't hold|open|not compared)\. (.+))?/gm,
  );
  return [...entries].map(([, word, says, sentence, theirs, theirSentence]) => ({
    says: says!,
    ours: { holds: readStanding(word!, sentence!), sentence: sentence! },
    published: theirs === undefined ? undefined : { holds: theirs as Judgement['holds'], sentence: theirSentence! },
  }));
}

/** Notebooks that were executed before 'Not compared' was a word of its own say 'Open' of it, and why. */
const readStanding = (word: string, sentence: string): Judgement['holds'] =>
  sentence.endsWith(' at this scale.') ? 'not compared' : (word.toLowerCase() as Judgement['holds']);
