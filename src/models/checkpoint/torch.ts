/** PyTorch files (.pth, .pt, .th, .bin): the ZIP format, and the older format of consecutive pickles. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { StoredTensor, TensorSource } from '../module';
import { decodeBfloat, decodeHalf } from './half';
import { type PickleRules, unpickle } from './pickle';
import { type ReadOptions, refusal } from './read-options';
import { type ReadBytes, ZipFile } from './zip';

/** Element types by the name of PyTorch's storage class. */
const STORAGES: Readonly<Record<string, { bytes: number; decode: (raw: ArrayBuffer) => ArrayLike<number | bigint> }>> =
  {
    FloatStorage: { bytes: 4, decode: (raw) => new Float32Array(raw) },
    DoubleStorage: { bytes: 8, decode: (raw) => new Float64Array(raw) },
    HalfStorage: { bytes: 2, decode: (raw) => decodeHalf(new Uint16Array(raw)) },
    BFloat16Storage: { bytes: 2, decode: (raw) => decodeBfloat(new Uint16Array(raw)) },
    LongStorage: { bytes: 8, decode: (raw) => new BigInt64Array(raw) },
    IntStorage: { bytes: 4, decode: (raw) => new Int32Array(raw) },
    ShortStorage: { bytes: 2, decode: (raw) => new Int16Array(raw) },
    CharStorage: { bytes: 1, decode: (raw) => new Int8Array(raw) },
    ByteStorage: { bytes: 1, decode: (raw) => new Uint8Array(raw) },
    BoolStorage: { bytes: 1, decode: (raw) => new Uint8Array(raw) },
  };

/** A block of values, of which one or more tensors are views. */
interface Storage {
  kind: string;
  key: string;
  count: number;
}

/** A tensor's description in the file; its values are read on demand. */
class TorchTensor {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

export interface TorchOptions extends ReadOptions {
  /**
   * Path of the weights in the file's dict: 'state_dict', or nested 'model.ema'. Default: the dict itself if it has
   * tensors, else the only entry that has, else 'state_dict', 'model_state_dict' or 'model'.
   */
  at?: string;
}

/** Weights in a PyTorch file. DataParallel's prefix 'module.' is removed from the names. */
export class TorchFile implements TensorSource {
  private readonly tensors: ReadonlyMap<string, TorchTensor>;
  private readonly contents: Contents;

  /** @throws if the file is damaged, would build anything but plain data, or has no tensors at `at` */
  constructor(
    readonly path: string,
    private readonly options: TorchOptions = {},
  ) {
    try {
      this.contents = openContents(path);
      this.tensors = withoutModule(findTensors(this.contents.root, options.at));
    } catch (error) {
      throw new Error(`Expected weights in the PyTorch file '${path}': ${(error as Error).message}`, { cause: error });
    }
  }

  keys(): Iterable<string> {
    return this.tensors.keys();
  }

  /**
   * Values as float32, row-major for any strides in the file.
   * @throws if some are NaN or infinite (see `nonFinite`)
   */
  get(name: string): StoredTensor | undefined {
    const tensor = this.tensors.get(name);
    if (!tensor) return undefined;
    const { kind, key, count } = tensor.storage;
    const type = STORAGES[kind]!;
    const raw = this.contents.storage(key, count * type.bytes);
    if (raw.length < count * type.bytes) {
      throw new Error(`Expected ${count * type.bytes} bytes for '${name}' in '${this.path}', got ${raw.length}.`);
    }
    const values = type.decode(raw.buffer.slice(raw.byteOffset, raw.byteOffset + count * type.bytes) as ArrayBuffer);
    const data = gather(values, tensor, name);
    const problem = refusal(data, name, this.options);
    if (problem !== undefined) throw new Error(`${problem} of the PyTorch file '${this.path}'. Get the weights anew.`);
    return { shape: tensor.shape, data };
  }
}

interface Contents {
  root: unknown;
  /** Bytes of a storage. */
  storage(key: string, bytes: number): Uint8Array;
}

/** Opens the file anew for each read, so that nothing stays open. */
function fileReader(path: string): { read: ReadBytes; size: number } {
  const withFile = <T>(use: (descriptor: number) => T): T => {
    const descriptor = openSync(path, 'r');
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  };
  const read: ReadBytes = (position, length) =>
    withFile((descriptor) => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const count = readSync(descriptor, bytes, done, Math.min(length - done, 2 ** 30), position + done);
        if (count === 0) throw new Error(`it ends at byte ${position + done}, ${length - done} before it should`);
        done += count;
      }
      return bytes;
    });
  return { read, size: withFile((descriptor) => fstatSync(descriptor).size) };
}

function openContents(path: string): Contents {
  const { read, size } = fileReader(path);
  const isZip = size >= 4 && new DataView(read(0, 4).buffer).getUint32(0, false) === 0x504b0304; // 'PK'
  return isZip ? openZip(new ZipFile(read, size)) : openLegacy(read, size);
}

function openZip(zip: ZipFile): Contents {
  const pickle = zip.names().find((name) => name.endsWith('/data.pkl'));
  if (!pickle) throw new Error('it has no data.pkl: a TorchScript or another archive');
  const folder = pickle.slice(0, -'data.pkl'.length);
  return {
    root: unpickle(zip.get(pickle), rules()).value,
    storage: (key) => zip.get(`${folder}data/${key}`),
  };
}

/** The format before torch 1.6: magic number, version, system, data, names of the storages, values of each storage. */
function openLegacy(read: ReadBytes, size: number): Contents {
  const bytes = read(0, size);
  let at = 0;
  const next = (allowed?: PickleRules): unknown => {
    const { value, end } = unpickle(bytes, allowed ?? { constructors: new Map() }, at);
    at = end;
    return value;
  };
  const magic = size > 0 && bytes[0] === 0x80 ? next() : undefined;
  if (magic !== 0x1950a86a20f9469cfc6cn) throw new Error('it is neither of the forms of torch.save');
  next(); // protocol version
  next(); // system
  const storages = new Map<string, Storage>();
  const root = next(rules(storages));
  const keys = next();
  if (!Array.isArray(keys)) throw new Error('its list of storages is damaged');
  const positions = new Map<string, number>();
  for (const key of keys) {
    const storage = storages.get(String(key));
    if (!storage) throw new Error(`it has values for '${key}', which no tensor uses`);
    positions.set(storage.key, at + 8); // after the number of values
    at += 8 + storage.count * STORAGES[storage.kind]!.bytes;
  }
  if (at > size) throw new Error(`it ends ${at - size} bytes before it should`);
  return {
    root,
    storage: (key, length) => {
      const position = positions.get(key);
      if (position === undefined) throw new Error(`it has no values for storage '${key}'`);
      return bytes.subarray(position, position + length);
    },
  };
}

/** The objects that a file of weights may build: tensors, parameters, ordered dicts. */
function rules(storages = new Map<string, Storage>()): PickleRules {
  const tensor = (...args: unknown[]): TorchTensor => {
    const [storage, offset, shape, strides] = args as [Storage, number, number[], number[]];
    return new TorchTensor(storage, offset, shape, strides);
  };
  const constructors = new Map<string, (...args: unknown[]) => unknown>([
    ['torch._utils _rebuild_tensor', tensor],
    ['torch._utils _rebuild_tensor_v2', tensor],
    ['torch._utils _rebuild_parameter', (data) => data],
    ['collections OrderedDict', (items = []) => new Map(items as [unknown, unknown][])],
    ['torch Size', (sizes) => sizes],
    ['torch device', (...name) => name.join(':')],
  ]);
  const kinds = new WeakMap<object, string>();
  for (const kind of Object.keys(STORAGES)) {
    // A persistent id names a storage's class but never calls it.
    constructors.set(`torch ${kind}`, () => {
      throw new Error(`it calls torch.${kind}`);
    });
    kinds.set(constructors.get(`torch ${kind}`)!, kind);
  }
  return {
    constructors,
    persistent: (id) => {
      const [tag, type, key, , count] = id as [string, { make?: object } | undefined, unknown, string, number];
      const kind = type?.make && kinds.get(type.make);
      if (tag !== 'storage' || !kind || !Number.isSafeInteger(count)) throw new Error('a storage is damaged');
      const storage = { kind, key: String(key), count };
      storages.set(storage.key, storage);
      return storage;
    },
  };
}

const hasTensors = (value: unknown): value is Map<string, unknown> =>
  value instanceof Map && [...value.values()].some((item) => item instanceof TorchTensor);

function findTensors(root: unknown, at: string | undefined): Map<string, TorchTensor> {
  let found = root;
  if (at !== undefined) {
    for (const key of at.split('.')) found = found instanceof Map ? found.get(key) : undefined;
  } else if (!hasTensors(root) && root instanceof Map) {
    const inside = [...root].filter(([, value]) => hasTensors(value));
    const usual = ['state_dict', 'model_state_dict', 'model'].find((name) => inside.some(([key]) => key === name));
    found = inside.length === 1 ? inside[0]![1] : usual && root.get(usual);
  }
  if (!hasTensors(found)) {
    const keys = root instanceof Map ? [...root.keys()].map((key) => `'${key}'`).join(', ') : typeof root;
    throw new Error(`it has no tensors ${at === undefined ? 'to choose' : `at '${at}'`}; it holds ${keys}`);
  }
  const tensors = [...found].filter((entry): entry is [string, TorchTensor] => entry[1] instanceof TorchTensor);
  return new Map(tensors);
}

function withoutModule(tensors: Map<string, TorchTensor>): Map<string, TorchTensor> {
  const prefix = 'module.';
  if (![...tensors.keys()].every((name) => name.startsWith(prefix))) return tensors;
  return new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/** A view's values in row-major order. */
function gather(
  values: ArrayLike<number | bigint>,
  { offset, shape, strides }: TorchTensor,
  name: string,
): Float32Array {
  const size = shape.reduce((product, n) => product * n, 1);
  const last = shape.reduce((index, n, axis) => index + (n - 1) * strides[axis]!, offset);
  if (size > 0 && (offset < 0 || last >= values.length || strides.some((stride) => stride < 0))) {
    throw new Error(`Tensor '${name}' lies outside of its storage: the file is damaged.`);
  }
  const data = new Float32Array(size);
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0, at = offset; i < size; i++) {
    data[i] = Number(values[at]);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return data;
}
