/** The notebook's setting for cells with type errors. */
import { readFileSync, statSync } from 'node:fs';

/** `refuse`: the cell isn't run. `warn`: it runs, and the errors are shown under it. `silent`: it runs. */
export type TypeErrors = 'refuse' | 'warn' | 'silent';

const CHOICES: readonly string[] = ['refuse', 'warn', 'silent'] satisfies TypeErrors[];

/** `// @ts-errors: warn`, on a line of its own. */
const COMMENT = /^[ \t]*\/\/[ \t]*@ts-errors\b[: \t]*(.*?)[ \t\r]*$/m;

/** `// @ts-nocheck` before the first statement, as in a file. */
const UNCHECKED = /^(?:\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*\/\/[ \t]*@ts-nocheck\b/;

/**
 * Tracks the setting from cell to cell: `metadata.stillhouse.typeErrors` of the notebook, unless a cell has
 * `// @ts-errors: …` (for itself and later cells) or `// @ts-nocheck` (for itself only).
 */
export class TypeErrorsSetting {
  private said: TypeErrors | undefined;
  private read: { at: number; setting: TypeErrors | undefined } | undefined;

  /** @param notebook The notebook's file, if the client names it. */
  constructor(private readonly notebook?: string | undefined) {}

  /**
   * The setting that applies to a cell.
   * @throws Error if the comment or the metadata has any other value.
   */
  of(source: string): TypeErrors {
    const comment = COMMENT.exec(source);
    if (comment) this.said = choice(comment[1], '// @ts-errors:');
    if (UNCHECKED.test(source)) return 'silent';
    return this.said ?? this.ofNotebook() ?? 'refuse';
  }

  /** Forgets the cells' comments. */
  reset(): void {
    this.said = undefined;
  }

  private ofNotebook(): TypeErrors | undefined {
    const at = this.notebook === undefined ? undefined : statSync(this.notebook, { throwIfNoEntry: false })?.mtimeMs;
    if (at === undefined) return undefined;
    if (this.read?.at !== at) this.read = { at, setting: settingIn(this.notebook!) };
    return this.read.setting;
  }
}

function settingIn(notebook: string): TypeErrors | undefined {
  let found: unknown;
  try {
    const { metadata } = JSON.parse(readFileSync(notebook, 'utf8')) as { metadata?: { stillhouse?: object } };
    found = (metadata?.stillhouse as { typeErrors?: unknown } | undefined)?.typeErrors;
  } catch {
    return undefined; // Being written, or not a notebook: use the default.
  }
  return found === undefined ? undefined : choice(found, "the notebook's metadata.stillhouse.typeErrors");
}

function choice(value: unknown, where: string): TypeErrors {
  if (CHOICES.includes(value as string)) return value as TypeErrors;
  throw new Error(`Expected refuse, warn or silent in ${where}, got ${JSON.stringify(value)}.`);
}
