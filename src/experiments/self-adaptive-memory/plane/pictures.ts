/** What runs in the plane look like: paths through the denoising field, still and moving, and what memories hold. */
import { type Animation, animation, type Chart, type FieldPanel, vectorField } from '../../../charts';
import { drawPoints, type Point } from './density';
import { extent, gridOf } from './fields';
import { pointsOf } from './prior';
import type { PlaneRun } from './runs';
import { coarseGrid, fineGrid } from './stages';

const options = { x: extent.x, y: extent.y, columns: 2 };
const cloud = drawPoints(500, { seed: 98 });

/** As the paper's figure: the ways of the same noise under each prior, over the field of a late step. */
export function pathsPicture(runs: readonly PlaneRun[], title: string): Chart {
  const state = Math.round(0.75 * (runs[0]!.drawn.fields.length - 1));
  const subtitle = `Blue: real points. Arrows: the denoiser's push at timestep ${runs[0]!.drawn.fields[state]!.timestep}. Grey: paths from noise; orange: where they end.`;
  return vectorField(
    runs.map((run) => pathsPanel(run, { state, upTo: run.drawn.fields.length })),
    { ...options, title, subtitle },
  );
}

/** The same step by step: field and points at each timestep. */
export function pathsAnimation(runs: readonly PlaneRun[], title: string): Promise<Animation> {
  const last = runs[0]!.drawn.fields.length;
  const frames = Array.from({ length: last + 1 }, (_, step) => {
    const state = Math.min(step, last - 1);
    const { timestep } = runs[0]!.drawn.fields[state]!;
    return vectorField(
      runs.map((run) => pathsPanel(run, { state, upTo: step })),
      { ...options, title, subtitle: `Timestep ${timestep}: arrows push the orange points; grey: the way so far.` },
    );
  });
  return animation(frames, { colours: 16 });
}

/** Push and content of the memories at the end of the fine-tuning. Runs without memory losses are left out. */
export function memoriesPicture(runs: readonly PlaneRun[], title: string): Chart {
  const places = gridOf(...coarseGrid);
  const list = runs.flatMap(({ method, strength, drawn: { memories } }): FieldPanel[] => {
    if (!memories || strength === 0) return [];
    // As wide as a panel is.
    const short = method === 'self-adaptive memory' ? 'self-adaptive' : method;
    const arrows = arrowsAt(places, memories.push);
    const dots = (kind: 'real' | 'generated') => pointsOf(memories[kind].points);
    return [
      { title: `${short}: real memory`, cloud, dots: dots('real') },
      { title: `${short}: generated memory`, cloud, arrows, dots: dots('generated') },
    ];
  });
  const subtitle =
    'Orange: what the memories hold at the end. Arrows: where L_real and L_gen together push a generated point. Blue: real points.';
  return vectorField(list, { ...options, title, subtitle });
}

function pathsPanel({ method, drawn }: PlaneRun, { state, upTo }: { state: number; upTo: number }): FieldPanel {
  return {
    title: method,
    cloud,
    arrows: arrowsAt(gridOf(...fineGrid), drawn.fields[state]!.directions),
    paths: drawn.paths.map((path) => pointsOf(path).slice(0, upTo + 1)),
  };
}

const arrowsAt = (places: readonly Point[], directions: Float32Array): NonNullable<FieldPanel['arrows']> =>
  pointsOf(directions).map((direction, i) => ({ from: places[i]!, direction }));
