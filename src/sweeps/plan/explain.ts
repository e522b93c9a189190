/** Why a stage runs: its key's material against the most alike that the store has, field by field. */
import { join } from 'node:path';
import { canonical, type Json } from '../canonical';
import type { Code } from '../stage/source';
import { moveInto, readIfThere, writeTemporary } from '../store/files';
import type { KeyMaterial, StageRecord } from '../store/record';
import type { Store } from '../store/store';
import { leavesOf } from './leaves';

/** One field that differs; `undefined` where a side lacks it. */
export interface Change {
  field: string;
  before: Json | undefined;
  now: Json | undefined;
}

/** Records that an explanation compares with, the latest. */
const COMPARED = 500;

/** Answers for one plan: it reads the records of a stage once. */
export class Explainer {
  private readonly records = new Map<string, StageRecord[]>();

  constructor(private readonly store: Store) {}

  /**
   * What differs from the most alike record of the stage (the latest of equals); undefined where it never ran.
   * @param options.inputs whether inputs and items count; default true
   */
  changes(material: KeyMaterial, { inputs = true } = {}): Change[] | undefined {
    const leaves = inputs ? allLeaves : ownLeaves;
    const now = leaves(material);
    let best: { changes: Change[]; finished: string } | undefined;
    for (const record of this.past(material.stage)) {
      const changes = difference(leaves(record.material), now);
      if (!best || changes.length < best.changes.length) best = { changes, finished: record.finished };
    }
    return best?.changes.flatMap((change) => (change.field === 'code' ? this.codeChanges(change) : [change]));
  }

  private past(stage: string): StageRecord[] {
    let found = this.records.get(stage);
    if (!found) {
      found = [...this.store.records(stage)].sort((a, b) => (a.finished < b.finished ? 1 : -1)).slice(0, COMPARED);
      this.records.set(stage, found);
    }
    return found;
  }

  /** A change of code, by file. */
  private codeChanges(change: Change): Change[] {
    const before = readCode(this.store, String(change.before));
    const now = readCode(this.store, String(change.now));
    if (!before || !now) return [change];
    return difference(flat(before, 'code'), flat(now, 'code'));
  }
}

/** Notes which files a code hash was made of, for later explanations; a store that can't be written to does without. */
export async function noteCode(store: Store, code: Code): Promise<void> {
  if (readCode(store, code.hash)) return;
  const short = Object.fromEntries(Object.entries(code.files).map(([path, hash]) => [path, hash.slice(0, 12)]));
  await writeTemporary(store.root, JSON.stringify(short), 0o444)
    .then((written) => moveInto(store.root, written, codePath(store, code.hash)))
    .catch(() => undefined);
}

/** A change in words: `parameters.patch: 4 → 8`. */
export function changeText({ field, before, now }: Change): string {
  const texts = [before, now].map((value) => (value === undefined ? 'nothing' : canonical(value)));
  const [was, is] = cutWhereTheyDiffer(texts as [string, string]);
  if (field.startsWith('code '))
    return `${field}: ${before === undefined ? 'new' : now === undefined ? 'gone' : 'changed'}`;
  return field.startsWith('inputs') ? `${field}: another output than before` : `${field}: ${was} → ${is}`;
}

/** Characters of a value that are shown. */
const SHOWN = 48;

/** Two texts, long ones from a little before their first difference. */
function cutWhereTheyDiffer([a, b]: readonly [string, string]): [string, string] {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const from = Math.max(a.length, b.length) > SHOWN ? Math.max(0, same - 12) : 0;
  const cut = (text: string) =>
    `${from > 0 ? '…' : ''}${text.length > from + SHOWN ? `${text.slice(from, from + SHOWN - 1)}…` : text.slice(from)}`;
  return [cut(a), cut(b)];
}

function codePath(store: Store, hash: string): string {
  return join(store.root, 'code', `${hash}.json`);
}

function readCode(store: Store, hash: string): Record<string, string> | undefined {
  const text = readIfThere(codePath(store, hash));
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Record<string, string>);
  } catch {
    return undefined;
  }
}

function ownLeaves({ stage, version, code, parameters }: KeyMaterial): Map<string, Json> {
  return allLeaves({ stage, version, code, parameters, inputs: {} });
}

function allLeaves(material: KeyMaterial): Map<string, Json> {
  const { version, code, parameters, item, inputs } = material;
  const found = new Map<string, Json>([
    ['version', version],
    ['code', code],
  ]);
  if (item !== undefined) found.set('item', item as Json);
  return new Map([...found, ...leavesOf(parameters as Json, 'parameters'), ...leavesOf(inputs as Json, 'inputs')]);
}

function flat(fields: Readonly<Record<string, string>>, prefix: string): Map<string, Json> {
  return new Map(Object.entries(fields).map(([name, value]) => [`${prefix} ${name}`, value]));
}

function difference(before: ReadonlyMap<string, Json>, now: ReadonlyMap<string, Json>): Change[] {
  const fields = new Set([...before.keys(), ...now.keys()]);
  return [...fields]
    .filter((field) => canonical(before.get(field)) !== canonical(now.get(field)))
    .map((field) => ({ field, before: before.get(field), now: now.get(field) }));
}
