/** Differential noise maps of a bound configuration, for pictures and for localisation. */
import type { ScoredImage } from '../../methods';
import { type RunOptions, run } from '../../sweeps';
import { scoredImages } from '../stages';
import type { BoundDistillation } from './bind';

/** The mean loss map of every image at the latent's size, class by class, in the order of each class's images. */
export async function scoredImagesOf(
  { classes, draws }: Pick<BoundDistillation, 'classes' | 'draws'>,
  options: RunOptions = {},
): Promise<ScoredImage[][]> {
  const { output } = await run(
    classes.flatMap(({ losses }) => losses),
    options,
  );
  return classes.map(({ losses }, label) => {
    const first = label * losses.length;
    return scoredImages(output.slice(first, first + losses.length), draws);
  });
}
