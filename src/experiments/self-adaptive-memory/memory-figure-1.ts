/** Figure 1 of paper 000: the gradient field of a distillation, in a plane whose modes are known. */
import { above, type Claim, measuredEvidence } from '../claims';
import type { Exhibit, RowClaim } from '../exhibit';
import { measures, type PlaneRow, planeRows } from './plane/measures';
import { pathsPicture } from './plane/pictures';
import { planeRuns, planeSeeds, strengths } from './plane/runs';

const ours = 'self-adaptive memory';
const strongest = Math.max(...strengths);
const lost = { onPublished: 'not in the text' } as const;

/** The same in a plane at every scale: nothing of it is an image. */
export const memoryFigure1: Exhibit = {
  name: 'memory-figure-1',
  paper: 'self-adaptive memory',
  item: 'Figure 1 of paper 000',
  title: 'where diffusion alone, Minimax and self-adaptive memory push generated points',
  says: 'The gradient field of a distillation, in a plane: the proposed method reaches more of it, and so is more diverse.',
  // They train points here, not the scale's networks.
  methods: [],
  claims: [
    on(
      measures.ten,
      above(
        { method: ours },
        { method: 'Minimax' },
        { says: 'Ten points of ours reach more modes than ten of Minimax.', ...lost },
      ),
    ),
    on(
      measures.recall,
      above(
        { method: ours },
        { method: 'Minimax' },
        { says: 'Our points cover more of the real ones than those of Minimax (recall).', ...lost },
      ),
    ),
    on(
      measures.ten,
      above(
        { method: ours, weights: `λ × ${strongest}` },
        { method: 'diffusion loss alone' },
        {
          says: 'At the strongest weights, ten points of ours reach more modes than ten of the diffusion loss alone.',
          ...lost,
        },
      ),
    ),
    on(
      measures.recall,
      above(
        { method: ours, weights: `λ × ${strongest}` },
        { method: 'diffusion loss alone' },
        {
          says: 'At the strongest weights, our points cover more of the real ones than those of the diffusion loss alone (recall).',
          ...lost,
        },
      ),
    ),
  ],
  async make(_scale, options) {
    const runs = await planeRuns(options);
    const first = runs.filter(({ strength, seed }) => seed === planeSeeds[0] && [0, strongest].includes(strength));
    const title = `Ten points from the same noise under each prior, λ × ${strongest}`;
    return { picture: pathsPicture(first, title), rows: planeRows(runs) };
  },
};

/** A claim put to one measure: pairs share a seed, of fine-tuning and noise alike. */
function on(measure: string, claim: Claim): RowClaim {
  return {
    ...claim,
    test(rows) {
      const some = (rows as readonly PlaneRow[]).filter((row) => row.measure === measure);
      const place = ({ method, weights, seed, value }: PlaneRow) => ({
        at: { method, weights },
        pair: String(seed),
        accuracy: value,
      });
      return claim.test(measuredEvidence(some.map(place)));
    },
  };
}
