/** Stages: pure functions with a name, a version, validated parameters and declared inputs. */
import { z } from 'zod';
import { canonical, deepFreeze, type Json, sha256, toJson } from '../canonical';
import { StageDefinitionError } from '../errors';
import { parsed } from '../parsed';
import type { StageContext } from './context';
import { codeOf, codeOfFunction, type Code } from './source';

/** Declares an input and its type: what the stage bound to it returns. A list takes any number of bound stages. */
export interface InputDeclaration<T, List extends boolean = boolean> {
  readonly list: List;
  /** Only for the compiler. */
  readonly type?: T;
}
/** An input that one bound stage fills. `T` is that stage's output. */
export const input = <T>(): InputDeclaration<T, false> => ({ list: false });
/** An input that a list of bound stages fills; the stage gets their outputs in that order. */
export const inputList = <T>(): InputDeclaration<T, true> => ({ list: true });

export type InputDeclarations = Readonly<Record<string, InputDeclaration<unknown>>>;
/** What `run` gets for the inputs. */
export type InputValues<I extends InputDeclarations> = {
  readonly [K in keyof I]: I[K] extends InputDeclaration<infer T, infer List>
    ? List extends true
      ? readonly T[]
      : T
    : never;
};
/** What `bind` takes for the inputs. */
export type InputBindings<I extends InputDeclarations> = {
  readonly [K in keyof I]: I[K] extends InputDeclaration<infer T, infer List>
    ? List extends true
      ? readonly BoundStage<T>[]
      : BoundStage<T>
    : never;
};

/** What a stage needs of the machine that runs it. */
export interface Resources {
  /** Processor threads. Default: 1. */
  threads?: number;
  /** Memory, in MiB. Default: 512. */
  memory?: number;
  /** GPUs. Default: 0. */
  gpus?: number;
  /** Longest wall time of one task on a cluster, in minutes. Default: 60. */
  minutes?: number;
}

interface CommonDefinition<P extends z.ZodType, I extends InputDeclarations, U extends z.ZodType> {
  /** Unique in a project; letters, digits, `.`, `_`, `-`. Names the folder of its records. */
  name: string;
  /** Change it when the output changes though the code doesn't (a package's new version, a fixed driver). */
  version: string | number;
  /** `import.meta.url` of the module that defines the stage; left out in a notebook cell, where `run`'s text counts alone. */
  code?: string;
  /** Narrows what counts as its code: these paths (relative to the module, each with its imports) beside the module itself. */
  uses?: readonly string[];
  /** Schema of the parameters; all of them are part of the key. Unknown fields are refused. */
  parameters: P;
  /** Schema of settings that cannot change the output (where data lies, batch size): `context.unkeyed`, not in the key. */
  unkeyed?: U;
  inputs?: I;
  resources?: Resources;
  /** Those of `resources` that depend on the parameters, as memory does on the size of a model. */
  resourcesFor?(parameters: z.output<P>): Resources;
  /**
   * How much work it is, in any unit, where the parameters don't say: a plan takes time to be in proportion to it. Undefined:
   * unknown.
   */
  amount?(parameters: z.output<P>, unkeyed: z.output<U>): number | undefined;
}

export interface StageDefinition<P extends z.ZodType, I extends InputDeclarations, U extends z.ZodType, O>
  extends CommonDefinition<P, I, U> {
  /** The work. Its output: plain data with typed arrays, StoredFile and StoredFolder anywhere in it. */
  run(context: StageContext<z.output<U>>, parameters: z.output<P>, inputs: InputValues<I>): O | Promise<O>;
}

export interface MapStageDefinition<
  P extends z.ZodType,
  T extends z.ZodType,
  I extends InputDeclarations,
  U extends z.ZodType,
  O,
> extends CommonDefinition<P, I, U> {
  /** Schema of one item. */
  item: T;
  /** The part of an item that its output depends on. Default: the whole item. */
  identity?(item: z.output<T>): Json;
  /** Most items of one call of `run`. Default: 16. */
  batch?: number;
  /** The work for some items: one output per item, in their order. It must not depend on which items come together. */
  run(
    context: StageContext<z.output<U>>,
    parameters: z.output<P>,
    items: readonly z.output<T>[],
    inputs: InputValues<I>,
  ): readonly O[] | Promise<readonly O[]>;
}

type Field<K extends string, V, Optional extends boolean> = Optional extends true ? { [F in K]?: V } : { [F in K]: V };
type BindOptions<I extends InputDeclarations, U extends z.ZodType> = Field<
  'inputs',
  InputBindings<I>,
  keyof I extends never ? true : false
> &
  Field<'unkeyed', z.input<U>, undefined extends z.input<U> ? true : false>;
type Options<B> = Record<never, never> extends B ? [options?: B] : [options: B];

/** A stage as the scheduler and the workers see it. */
export interface AnyStage {
  readonly name: string;
  readonly version: string | number;
  readonly module: string | undefined;
  /** Where its code is from: the module, or a hash of the function's text in a notebook cell. */
  readonly origin: string;
  resources(parameters: Json): Required<Resources>;
  amount(parameters: Json, unkeyed: Json): number | undefined;
  readonly mapped: { batch: number } | undefined;
  /** When this process defined it, in milliseconds since 1970: what was edited later isn't what it runs. */
  readonly defined: number;
  /** Hash of its code; computed once a process and kept while the files stay as they are. */
  code(): Promise<Code>;
  /** One call: for a mapped stage with items and an array of outputs. */
  call(context: StageContext, parameters: Json, items: readonly Json[] | undefined, inputs: unknown): Promise<unknown>;
}

export interface Stage<P extends z.ZodType, I extends InputDeclarations, U extends z.ZodType, O> extends AnyStage {
  /** The stage with its parameters and inputs: a node of a plan. Nothing runs yet. @throws StageDefinitionError */
  bind(parameters: z.input<P>, ...options: Options<BindOptions<I, U>>): BoundStage<Awaited<O>>;
}

export interface MapStage<P extends z.ZodType, T extends z.ZodType, I extends InputDeclarations, U extends z.ZodType, O>
  extends AnyStage {
  /** The stage over its items: a node whose output is the list of their outputs. @throws StageDefinitionError */
  bind(parameters: z.input<P>, options: { items: readonly z.input<T>[] } & BindOptions<I, U>): BoundStage<readonly O[]>;
}

/** An item of a mapped stage: all of it, and what of it is in the key. */
export interface BoundItem {
  item: Json;
  identity: Json;
}

/** A stage bound to parameters and inputs. Two of them with the same `id` are the same work. */
export class BoundStage<out O = unknown> {
  /** Only for the compiler: the type of the output. */
  declare readonly output: O;
  /** Hash of the name, version, origin, parameters, items and inputs, without the code: tells nodes of one plan apart. */
  readonly id: string;

  constructor(
    readonly stage: AnyStage,
    readonly parameters: Json,
    readonly inputs: Readonly<Record<string, BoundStage | readonly BoundStage[]>>,
    readonly items: readonly BoundItem[] | undefined,
    readonly unkeyed: Json,
  ) {
    const inputIds = Object.entries(inputs).map(([name, bound]) => [
      name,
      bound instanceof BoundStage ? bound.id : bound.map(({ id }) => id),
    ]);
    const identities = items?.map(({ identity }) => identity) ?? null;
    this.id = sha256(
      canonical([stage.name, stage.version, stage.origin, parameters, identities, Object.fromEntries(inputIds)]),
    );
  }
}

const registered = new Map<string, AnyStage>();

/** The stage of that name which a module defines, once the module is loaded. */
export function registeredStage(module: string, name: string): AnyStage | undefined {
  return registered.get(`${module}#${name}`);
}

const resourcesSchema = z.strictObject({
  threads: z.int().min(1).default(1),
  memory: z.int().min(1).default(512),
  gpus: z.int().min(0).default(0),
  minutes: z.int().min(1).default(60),
});

const nothing = z.undefined();
type Nothing = typeof nothing;
type NoInputs = Record<never, never>;

/**
 * Defines a stage: a pure function of its parameters and inputs, whose output is kept under the hash of its name,
 * version, code, parameters and inputs, so that it's computed once.
 * @throws StageDefinitionError
 */
export function stage<P extends z.ZodType, O, I extends InputDeclarations = NoInputs, U extends z.ZodType = Nothing>(
  definition: StageDefinition<P, I, U, O>,
): Stage<P, I, U, O> {
  const base = common(definition, undefined, (context, parameters, _items, inputs) =>
    definition.run(context as StageContext<z.output<U>>, parameters as z.output<P>, inputs as InputValues<I>),
  );
  return {
    ...base,
    bind: (parameters, ...[options]) =>
      bind(base, definition, parameters, options as LooseOptions | undefined, undefined),
  };
}

/**
 * Defines a stage over items (images, prompts, classes) each of which is kept by itself: adding items adds only their
 * work. `run` gets those that are missing, a batch at a time.
 * @throws StageDefinitionError
 */
export function mapStage<
  P extends z.ZodType,
  T extends z.ZodType,
  O,
  I extends InputDeclarations = NoInputs,
  U extends z.ZodType = Nothing,
>(definition: MapStageDefinition<P, T, I, U, O>): MapStage<P, T, I, U, O> {
  const { batch = 16, identity = (item: z.output<T>) => item as Json } = definition;
  if (!Number.isInteger(batch) || batch < 1) {
    throw new StageDefinitionError(
      `Expected \`batch\` of stage "${definition.name}" to be a whole number ≥ 1, got ${batch}.`,
    );
  }
  const base = common(definition, { batch }, (context, parameters, items, inputs) =>
    definition.run(
      context as StageContext<z.output<U>>,
      parameters as z.output<P>,
      items as readonly z.output<T>[],
      inputs as InputValues<I>,
    ),
  );
  return {
    ...base,
    bind(parameters, options) {
      const items = options.items.map((value, i) => {
        const what = `item ${i} of stage "${definition.name}"`;
        const item = parsed(definition.item, value, what);
        return { item: toJson(item, what), identity: toJson(identity(item), `the identity of ${what}`) };
      });
      return bind(base, definition, parameters, options as LooseOptions, items);
    },
  };
}

interface LooseOptions {
  inputs?: Record<string, BoundStage | readonly BoundStage[]>;
  unkeyed?: unknown;
}

type Call = (context: StageContext, parameters: Json, items: readonly Json[], inputs: unknown) => unknown;

function common(
  definition: CommonDefinition<z.ZodType, InputDeclarations, z.ZodType> & { run: unknown },
  mapped: AnyStage['mapped'],
  call: Call,
): AnyStage {
  const { name, version, code, uses, resources } = definition;
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(name)) {
    throw new StageDefinitionError(
      `Expected the \`name\` of a stage to be letters, digits, ".", "_" and "-", got ${JSON.stringify(name)}.`,
    );
  }
  if (code !== undefined && !code.startsWith('file:')) {
    throw new StageDefinitionError(
      `Expected \`code\` of stage "${name}" to be the module's import.meta.url, got ${JSON.stringify(code)}. Leave it out in a notebook cell.`,
    );
  }
  parsed(resourcesSchema, resources ?? {}, `resources of stage "${name}"`);
  // tsx may add a query to a module's address when it is loaded again.
  const module = code?.replace(/[?#].*$/, '');
  const made: AnyStage = {
    name,
    version,
    module,
    origin: module ?? sha256(String(definition.run)),
    resources(parameters) {
      const all = { ...resources, ...definition.resourcesFor?.(parameters) };
      return parsed(resourcesSchema, all, `resources of stage "${name}"`);
    },
    amount: (parameters, unkeyed) => definition.amount?.(parameters, unkeyed ?? undefined),
    mapped,
    defined: Date.now(),
    code: () => (module ? codeOf(module, uses) : codeOfFunction(definition.run as () => unknown)),
    async call(context, parameters, items, inputs) {
      return call(context, deepFreeze(parameters), items ?? [], inputs);
    },
  };
  if (module) registered.set(`${module}#${name}`, made);
  return made;
}

function bind<O>(
  made: AnyStage,
  definition: CommonDefinition<z.ZodType, InputDeclarations, z.ZodType>,
  parameters: unknown,
  options: LooseOptions = {},
  items: readonly BoundItem[] | undefined,
): BoundStage<O> {
  const what = `parameters of stage "${made.name}"`;
  const declared = definition.inputs ?? {};
  const given = options.inputs ?? {};
  for (const name of new Set([...Object.keys(declared), ...Object.keys(given)])) {
    const declaration = declared[name];
    const value = given[name];
    const list = Array.isArray(value) && value.every((entry) => entry instanceof BoundStage);
    if (declaration && (declaration.list ? list : value instanceof BoundStage)) continue;
    const expected = declaration ? `${declaration.list ? 'a list of bound stages' : 'a bound stage'}` : 'no such input';
    throw new StageDefinitionError(
      `Expected ${expected} for input "${name}" of stage "${made.name}", got ${value === undefined ? 'nothing' : typeof value}. Its inputs: ${Object.keys(declared).join(', ') || 'none'}.`,
    );
  }
  const unkeyed = parsed(definition.unkeyed ?? nothing, options.unkeyed, `unkeyed settings of stage "${made.name}"`);
  return new BoundStage<O>(
    made,
    toJson(parsed(definition.parameters, parameters, what), what),
    given,
    items,
    unkeyed === undefined ? null : toJson(unkeyed, `unkeyed settings of stage "${made.name}"`),
  );
}
