/** What happens to a cell that the type checker objects to: a setting of the notebook. */
import { readFileSync, statSync } from 'node:fs';

/** `refuse`: it isn't run. `warn`: it runs, and the objections stand under it. `silent`: it runs. */
export type TypeErrors = 'refuse' | 'warn' | 'silent';

const CHOICES: readonly string[] = ['refuse', 'warn', 'silent'] satisfies TypeErrors[];

/** `// @ts-errors: warn`, on a line of its own. */
const COMMENT = /^[ \t]*\/\/[ \t]*@ts-errors\b[: \t]*(.*?)[ \t\r]*$/m;

/** `// @ts-nocheck` before the first statement, as in a file. */
const UNCHECKED = /^(?:\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*\/\/[ \t]*@ts-nocheck\b/;

/**
 * The setting as cells come: `metadata.stillhouse.typeErrors` of the notebook, until a cell says otherwise by
 * `// @ts-errors: …` for itself and what comes after it, or by `// @ts-nocheck` for itself alone.
 */
export class TypeErrorsSetting {
  private said: TypeErrors | undefined;
  private read: { at: number; setting: TypeErrors | undefined } | undefined;

  /** @param notebook The notebook's file, where the client says which one it is. */
  constructor(private readonly notebook?: string | undefined) {}

  /**
   * What holds for a cell.
   * @throws Error if the comment or the metadata say something else.
   */
  of(source: string): TypeErrors {
    const comment = COMMENT.exec(source);
    if (comment) this.said = choice(comment[1], '// @ts-errors:');
    if (UNCHECKED.test(source)) return 'silent';
    return this.said ?? this.ofNotebook() ?? 'refuse';
  }

  /** Forgets what cells have said. */
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
    return undefined; // Being written, or no notebook: its cells come all the same.
  }
  return found === undefined ? undefined : choice(found, "the notebook's metadata.stillhouse.typeErrors");
}

function choice(value: unknown, where: string): TypeErrors {
  if (CHOICES.includes(value as string)) return value as TypeErrors;
  throw new Error(`Expected refuse, warn or silent in ${where}, got ${JSON.stringify(value)}.`);
}
