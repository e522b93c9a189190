/** The pieces of work that targets are made of: which of them two targets share, and how long each took. */
import { canonical, sha256 } from '../canonical';
import { graphOf, type Node } from '../run/graph';
import { boundStages, type Targets } from '../run/run';
import { Store } from '../store/store';
import { survey } from './plan';

/** One piece of work; equal ids are the same work in any plan of this code. */
export interface WorkPiece {
  id: string;
  stage: string;
}

/** A piece that the store holds. */
export interface RecordedPiece extends WorkPiece {
  /** Wall time of the work. */
  seconds: number;
  /** Host name and processor. */
  machine: string;
}

/** A stage's work in a second task, and how much of it the first has not done. */
export interface StageWork {
  stage: string;
  pieces: number;
  again: number;
}

/** Every distinct piece that targets need, inputs first. Nothing runs, and nothing needs to have run. */
export const piecesOf = (targets: Targets): WorkPiece[] =>
  distinct(graphOf(boundStages(targets)).flatMap(piecesOfNode));

/**
 * What a plan of `second` would find left to do, had `first` just run in an empty store: the distinct pieces that are not
 * among the first's. A stage whose input comes out the same though it was made anew is counted as work.
 */
export function workBeyond(first: Targets, second: Targets): StageWork[] {
  const done = new Set(piecesOf(first).map(({ id }) => id));
  const work = new Map<string, StageWork>();
  for (const { id, stage } of piecesOf(second)) {
    const line = work.get(stage) ?? { stage, pieces: 0, again: 0 };
    work.set(stage, { stage, pieces: line.pieces + 1, again: line.again + (done.has(id) ? 0 : 1) });
  }
  return [...work.values()];
}

/** The pieces of targets that the store holds, with what they took. */
export async function recordedPieces(
  targets: Targets,
  { store = new Store() }: { store?: Store } = {},
): Promise<RecordedPiece[]> {
  const nodes = graphOf(boundStages(targets));
  const { found } = await survey(store, nodes);
  const recorded = nodes.flatMap((node) => {
    const records = found.get(node)?.records ?? [];
    return piecesOfNode(node).flatMap((piece, i): RecordedPiece[] => {
      const record = records[i];
      return record ? [{ ...piece, seconds: record.seconds, machine: record.machine }] : [];
    });
  });
  return distinct(recorded);
}

function piecesOfNode({ bound, stage }: Node): WorkPiece[] {
  if (!bound.items) return [{ id: bound.id, stage: stage.name }];
  // As a bound stage's own id, with one item in the place of all: more items leave the ids of those before.
  const inputs = Object.fromEntries(
    Object.entries(bound.inputs).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(({ id }) => id) : (value as { id: string }).id,
    ]),
  );
  return bound.items.map(({ identity }) => ({
    id: sha256(canonical([stage.name, stage.version, stage.module ?? null, bound.parameters, identity, inputs])),
    stage: stage.name,
  }));
}

const distinct = <P extends WorkPiece>(pieces: readonly P[]): P[] => [
  ...new Map(pieces.map((piece) => [piece.id, piece])).values(),
];
