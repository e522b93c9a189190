/**
 * Reading of a published config.json. Keys that we use override the library's defaults, keys that change no result are
 * dropped, and a key that would change what the network computes is refused by name.
 */

/** A parsed config.json. */
export type RawConfig = Readonly<Record<string, unknown>>;

export interface ConfigRules<Config extends object> {
  /** The class, for messages: 'UNet2DConditionModel'. */
  name: string;
  /** Every supported key, with the original library's default. */
  defaults: Config;
  /** Keys of which only these values are supported; the first is the default. */
  fixed?: Readonly<Record<string, readonly unknown[]>>;
  /** Keys that don't change the result: file names, versions, training options. */
  ignored?: readonly string[];
}

/** Keys that diffusers and transformers write about the file, not about the network. */
const ABOUT_THE_FILE = /^_|^(architectures|model_type|torch_dtype|dtype|transformers_version|return_dict)$/;

/**
 * The settings from which a network is built.
 * @throws naming each key that is unknown or has an unsupported value
 */
export function readConfig<Config extends object>(given: RawConfig, rules: ConfigRules<Config>): Config {
  const { name, defaults, fixed = {}, ignored = [] } = rules;
  const problems: string[] = [];
  const used = { ...defaults } as Record<string, unknown>;
  for (const [key, value] of Object.entries(given)) {
    if (key in defaults) used[key] = value;
    else if (fixed[key]) {
      if (!fixed[key].some((allowed) => same(allowed, value))) {
        problems.push(
          `'${key}' is ${JSON.stringify(value)}, supported: ${fixed[key].map((v) => JSON.stringify(v)).join(', ')}`,
        );
      }
    } else if (!ignored.includes(key) && !ABOUT_THE_FILE.test(key)) {
      problems.push(`'${key}' (${JSON.stringify(value)}) is not known`);
    }
  }
  if (problems.length > 0) {
    throw new Error(
      `Expected a ${name} config that is supported whole: ${problems.join('; ')}. Use a model without these settings.`,
    );
  }
  return used as Config;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * A setting for each of `count` blocks, from one value for all or a list of one value per block.
 * @throws if the list's length isn't `count`
 */
export function perBlock<T>(value: T | readonly T[], count: number, name: string): readonly T[] {
  if (!Array.isArray(value)) return Array.from({ length: count }, () => value as T);
  if (value.length !== count) {
    throw new Error(`Expected '${name}' to have one value, or ${count} (one per block), got ${JSON.stringify(value)}.`);
  }
  return value as readonly T[];
}
