/**
 * The base of every network. Parameters are found by walking the fields, and named by PyTorch's rule so that published
 * weights load under their own names: the Parameter `weight` of a layer in the field `conv1` is 'conv1.weight', and a
 * field `blocks: Block[]` gives 'blocks.0.…'.
 */
import { type Tensor, tf, type Variable } from '../engine';

/** A tensor in the checkpoint's form: PyTorch's layout, row-major, float32. */
export interface StoredTensor {
  shape: readonly number[];
  data: Float32Array;
}

/** A source of weights: a Map, or a file from which tensors are read on demand. */
export interface TensorSource {
  keys(): Iterable<string>;
  get(name: string): StoredTensor | undefined;
}

/**
 * A tensor's layout in the checkpoint ↔ in TensorFlow:
 * 'convolution' OIHW ↔ HWIO, 'depthwise' [C,1,h,w] ↔ [h,w,C,1], 'linear' [out,in] ↔ [in,out], 'plain' as it is.
 */
export type Layout = 'convolution' | 'depthwise' | 'linear' | 'plain';

export interface ParameterOptions {
  layout?: Layout;
  /** Whether training changes it; false for running statistics and position indices. Default true. */
  trainable?: boolean;
  /** Writes the initial values, in the checkpoint's layout. Without it the parameter has no values until loaded. */
  fill?: ((values: Float32Array) => void) | undefined;
}

/** One named array of weights. `shape` is the checkpoint's (PyTorch's). */
export class Parameter {
  readonly shape: readonly number[];
  readonly layout: Layout;
  readonly trainable: boolean;
  private variable: Variable | undefined;

  constructor(shape: readonly number[], options: ParameterOptions = {}) {
    this.shape = shape;
    this.layout = options.layout ?? 'plain';
    this.trainable = options.trainable ?? true;
    if (options.fill) {
      const data = new Float32Array(this.size);
      options.fill(data);
      this.assign({ shape, data });
    }
  }

  /** Number of values. */
  get size(): number {
    return this.shape.reduce((product, n) => product * n, 1);
  }

  get isLoaded(): boolean {
    return this.variable !== undefined;
  }

  /** The values in TensorFlow's layout. @throws if it has none yet */
  get value(): Variable {
    if (!this.variable) {
      throw new Error(
        `Expected a parameter of shape [${this.shape}] to have values: load weights first, or build with a seed.`,
      );
    }
    return this.variable;
  }

  /** Sets the values, given in the checkpoint's layout. @throws if the shape differs */
  assign({ shape, data }: StoredTensor): void {
    if (shape.length !== this.shape.length || shape.some((n, axis) => n !== this.shape[axis])) {
      throw new Error(`Expected a tensor of shape [${this.shape}], got [${shape}].`);
    }
    const converted = tf.tidy(() => toTensorFlow(tf.tensor(data, shape as number[], 'float32'), this.layout));
    if (this.variable) this.variable.assign(converted as never);
    else this.variable = tf.variable(converted, this.trainable) as Variable;
    converted.dispose();
  }

  /** The values in the checkpoint's layout. */
  async stored(): Promise<StoredTensor> {
    const tensor = tf.tidy(() => toCheckpoint(this.value, this.layout));
    const data = Float32Array.from((await tensor.data()) as Float32Array);
    tensor.dispose();
    return { shape: this.shape, data };
  }

  dispose(): void {
    this.variable?.dispose();
    this.variable = undefined;
  }
}

function toTensorFlow(tensor: Tensor, layout: Layout): Tensor {
  if (layout === 'convolution') return tf.transpose(tensor, [2, 3, 1, 0]);
  if (layout === 'linear') return tf.transpose(tensor, [1, 0]);
  if (layout === 'depthwise') return tf.transpose(tensor, [2, 3, 0, 1]);
  return tf.clone(tensor);
}

function toCheckpoint(tensor: Tensor, layout: Layout): Tensor {
  if (layout === 'convolution') return tf.transpose(tensor, [3, 2, 0, 1]);
  if (layout === 'linear') return tf.transpose(tensor, [1, 0]);
  if (layout === 'depthwise') return tf.transpose(tensor, [2, 3, 0, 1]);
  return tf.clone(tensor);
}

export interface LoadOptions {
  /** Whether missing and unexpected names are errors. Default true. */
  strict?: boolean;
  /** Names in the source that are not needed. Default: num_batches_tracked and position_ids. */
  ignore?: RegExp;
}

/** A network or a part of one. */
export abstract class Module {
  /** Whether batch statistics and dropout behave as in training. Set by train() and eval(). */
  training = false;

  /** Modules directly below, by field name; arrays give 'name.0', 'name.1', … */
  children(): [string, Module][] {
    const found: [string, Module][] = [];
    for (const [name, field] of Object.entries(this)) {
      if (field instanceof Module) found.push([name, field]);
      else if (Array.isArray(field)) {
        for (const [index, item] of field.entries()) if (item instanceof Module) found.push([`${name}.${index}`, item]);
      }
    }
    return found;
  }

  /** All parameters below, by checkpoint name. */
  parameters(): Map<string, Parameter> {
    const all = new Map<string, Parameter>();
    for (const [name, field] of Object.entries(this)) if (field instanceof Parameter) all.set(name, field);
    for (const [name, child] of this.children()) {
      for (const [inner, parameter] of child.parameters()) all.set(`${name}.${inner}`, parameter);
    }
    return all;
  }

  /** The trainable variables by checkpoint name, for an optimiser. A shared one appears once, under its first name. */
  variables(): Record<string, Variable> {
    const names = new Map<Parameter, string>();
    for (const [name, parameter] of this.parameters()) {
      if (parameter.trainable && !names.has(parameter)) names.set(parameter, name);
    }
    return Object.fromEntries([...names].map(([parameter, name]) => [name, parameter.value]));
  }

  /** Number of values in all parameters. */
  get parameterCount(): number {
    return [...new Set(this.parameters().values())].reduce((sum, parameter) => sum + parameter.size, 0);
  }

  /** Switches this module and all below to training behaviour. */
  train(training = true): this {
    this.training = training;
    for (const [, child] of this.children()) child.train(training);
    return this;
  }

  /** Switches this module and all below to inference behaviour. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Loads weights by name. Strict: the source must have every parameter and no other.
   * @throws naming missing and unexpected parameters, or the first whose shape differs
   */
  load(source: TensorSource, { strict = true, ignore = /num_batches_tracked$|position_ids$/ }: LoadOptions = {}): this {
    const parameters = this.parameters();
    const given = new Set(source.keys());
    const missing = [...parameters.keys()].filter((name) => !given.has(name));
    const extra = [...given].filter((name) => !parameters.has(name) && !ignore.test(name));
    if (strict && missing.length + extra.length > 0) {
      throw new Error(
        `Expected weights for ${this.constructor.name} (${parameters.size} tensors). Missing: ${list(missing)}. Unexpected: ${list(extra)}. Check that the config belongs to these weights.`,
      );
    }
    for (const [name, parameter] of parameters) {
      const tensor = source.get(name);
      if (!tensor) continue;
      try {
        parameter.assign(tensor);
      } catch (error) {
        throw new Error(`Weights for '${name}' do not fit ${this.constructor.name}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
    return this;
  }

  /** All values by checkpoint name, in the checkpoint's layout. */
  async stateDict(): Promise<Map<string, StoredTensor>> {
    const state = new Map<string, StoredTensor>();
    for (const [name, parameter] of this.parameters()) state.set(name, await parameter.stored());
    return state;
  }

  /** Frees the weights. */
  dispose(): void {
    for (const parameter of this.parameters().values()) parameter.dispose();
  }
}

function list(names: string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, 5).map((name) => `'${name}'`);
  return `${names.length} (${shown.join(', ')}${names.length > 5 ? ', …' : ''})`;
}
