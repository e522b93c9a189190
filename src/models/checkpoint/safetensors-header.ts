/** The header of a safetensors file, which lists the tensors. It is checked before any tensor is read. */

/** Bytes per value of each known element type. */
export const ITEM_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
};

export interface HeaderEntry {
  dtype: string;
  shape: readonly number[];
  /** Byte range from the start of the data; `end` is exclusive. */
  begin: number;
  end: number;
}

export interface Header {
  entries: Map<string, HeaderEntry>;
  /** Free text by key, from '__metadata__'. */
  metadata: Record<string, string>;
  /** Start of the data, bytes from the start of the file. */
  dataStart: number;
}

/** A safetensors file that is damaged, or not one at all. */
export class SafetensorsError extends Error {
  constructor(
    readonly file: string,
    problem: string,
    remedy = 'Copy or download the file again.',
  ) {
    super(`${problem} in safetensors file '${file}'. ${remedy}`);
    this.name = 'SafetensorsError';
  }
}

/** The format's own limit, bytes. */
const LONGEST_HEADER = 100_000_000;

/** Another kind of file that is often found under a safetensors file's name. */
interface OtherFile {
  /** Its possible beginnings, as lower-case Latin-1. */
  starts: readonly string[];
  is: string;
  remedy: string;
}

const renamed = "Give it the name that PyTorch's files have, '.bin' or '.pth'.";
const OTHER_FILES: readonly OtherFile[] = [
  { starts: ['version '], is: 'a Git LFS pointer', remedy: "Run 'git lfs pull' in the folder that was cloned." },
  { starts: ['pk\x03\x04'], is: "a zip archive, as PyTorch's files are", remedy: renamed },
  { starts: ['\x80\x02'], is: "a pickle, as PyTorch's older files are", remedy: renamed },
  {
    starts: ['<!', '<html'],
    is: 'a web page',
    remedy: 'Download the file itself; a page to log in may have come in its place.',
  },
];

/**
 * Length of the JSON header from the first eight bytes (little-endian).
 * @throws SafetensorsError if a file of `fileBytes` bytes can't have such a header
 */
export function headerLength(first: Uint8Array, fileBytes: number, file: string): number {
  if (fileBytes < 8 || first.length < 8) {
    throw new SafetensorsError(file, `Expected at least 8 bytes, got ${Math.min(fileBytes, first.length)}`);
  }
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  const fits = length >= 2n && length <= BigInt(LONGEST_HEADER) && Number(length) + 8 <= fileBytes;
  const start = Buffer.from(first).toString('latin1').toLowerCase();
  const other = OTHER_FILES.find(({ starts }) => starts.some((prefix) => start.startsWith(prefix)));
  if (other && !fits)
    throw new SafetensorsError(file, `Expected the length of a header, got ${other.is}`, other.remedy);
  if (length > BigInt(LONGEST_HEADER)) {
    throw new SafetensorsError(file, `Expected a header of at most ${LONGEST_HEADER} bytes, got ${length}`);
  }
  if (length < 2n || Number(length) + 8 > fileBytes) {
    throw new SafetensorsError(
      file,
      `Expected ${8n + length} bytes for the header, got ${fileBytes}: truncated, or no header`,
    );
  }
  return Number(length);
}

/** Reads and checks the header: known types, sizes that match shapes, no overlap, no gap, nothing past the end. */
export function parseHeader(json: Uint8Array, fileBytes: number, file: string): Header {
  const fields = asRecord(json, file);
  const dataStart = 8 + json.length;
  const entries = new Map<string, HeaderEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === '__metadata__') metadata = asMetadata(value, file);
    else entries.set(name, entry(name, value, file));
  }
  checkExtents(entries, fileBytes - dataStart, file);
  return { entries, metadata, dataStart };
}

function asRecord(json: Uint8Array, file: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch (error) {
    throw new SafetensorsError(file, `Expected a JSON header, got: ${(error as Error).message}`);
  }
  throw new SafetensorsError(file, 'Expected the header to be a JSON object');
}

function asMetadata(value: unknown, file: string): Record<string, string> {
  const entries =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.values(value) : [undefined];
  if (!entries.every((entry) => typeof entry === 'string')) {
    throw new SafetensorsError(file, `Expected '__metadata__' to hold texts by key, got ${JSON.stringify(value)}`);
  }
  return value as Record<string, string>;
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function entry(name: string, value: unknown, file: string): HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || ITEM_BYTES[dtype] === undefined) {
    throw new SafetensorsError(
      file,
      `Expected the type of '${name}' to be one of ${Object.keys(ITEM_BYTES).join(', ')}, got ${JSON.stringify(dtype)}`,
    );
  }
  if (!Array.isArray(shape) || !shape.every(isIndex)) {
    throw new SafetensorsError(file, `Expected the shape of '${name}' to be sizes, got ${JSON.stringify(shape)}`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isIndex)) {
    throw new SafetensorsError(file, `Expected two offsets for '${name}', got ${JSON.stringify(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product, n) => product * n, ITEM_BYTES[dtype]);
  if (end - begin !== bytes) {
    throw new SafetensorsError(
      file,
      `Expected ${bytes} bytes for '${name}' (${dtype} [${shape}]), got ${end - begin} (${begin}…${end})`,
    );
  }
  return { dtype, shape, begin, end };
}

function checkExtents(entries: Map<string, HeaderEntry>, dataBytes: number, file: string): void {
  const ordered = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const [name, { begin, end }] of ordered) {
    if (begin < position) throw new SafetensorsError(file, `Tensor '${name}' overlaps the one before it`);
    if (begin > position) throw new SafetensorsError(file, `${begin - position} unnamed bytes before '${name}'`);
    position = end;
  }
  if (position !== dataBytes) {
    const problem = dataBytes < position ? 'truncated' : 'bytes that no tensor names';
    throw new SafetensorsError(file, `Expected ${position} bytes of tensors, got ${dataBytes} (${problem})`);
  }
}
