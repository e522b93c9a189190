/** Reader of the part of ZIP that PyTorch uses: entries by name, stored or deflated, also beyond 4 GiB. */
import { inflateRawSync } from 'node:zlib';

/** Reads `length` bytes of a file from `position`. */
export type ReadBytes = (position: number, length: number) => Uint8Array;

interface Entry {
  method: number;
  stored: number;
  size: number;
  /** Position of the entry's local header. */
  header: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** Stands for a size that doesn't fit 32 bits; the true one is in the entry's extra field. */
const IN_EXTRA = 0xffffffff;

/** Entries of a ZIP file. */
export class ZipFile {
  private readonly entries = new Map<string, Entry>();

  /** @throws if there is no valid directory at the end of the file */
  constructor(
    private readonly read: ReadBytes,
    fileBytes: number,
  ) {
    const { position, length, count } = this.findDirectory(fileBytes);
    const bytes = read(position, length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (let i = 0; i < count; i++) {
      if (at + 46 > length || view.getUint32(at, true) !== CENTRAL) throw new Error('its directory is damaged');
      const nameLength = view.getUint16(at + 28, true);
      const extraLength = view.getUint16(at + 30, true);
      const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
      const entry = {
        method: view.getUint16(at + 10, true),
        stored: view.getUint32(at + 20, true),
        size: view.getUint32(at + 24, true),
        header: view.getUint32(at + 42, true),
      };
      widen(entry, view, at + 46 + nameLength, extraLength);
      this.entries.set(name, entry);
      at += 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    }
  }

  names(): string[] {
    return [...this.entries.keys()];
  }

  /** Uncompressed bytes of an entry, in a new buffer. @throws if it is missing, damaged or compressed otherwise */
  get(name: string): Uint8Array {
    const entry = this.entries.get(name);
    if (!entry) throw new Error(`it has no entry '${name}'`);
    const head = this.read(entry.header, 30);
    const view = new DataView(head.buffer, head.byteOffset, 30);
    if (view.getUint32(0, true) !== LOCAL) throw new Error(`entry '${name}' is damaged`);
    const data = this.read(entry.header + 30 + view.getUint16(26, true) + view.getUint16(28, true), entry.stored);
    const bytes = entry.method === 0 ? data : entry.method === 8 ? new Uint8Array(inflateRawSync(data)) : undefined;
    if (!bytes) throw new Error(`entry '${name}' is packed by method ${entry.method}, supported: 0, 8`);
    if (bytes.length !== entry.size) throw new Error(`entry '${name}' is damaged`);
    return bytes;
  }

  private findDirectory(fileBytes: number): { position: number; length: number; count: number } {
    const tailLength = Math.min(fileBytes, 65557); // 22 bytes plus the longest comment
    const tail = this.read(fileBytes - tailLength, tailLength);
    const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
    let end = tailLength - 22;
    while (end >= 0 && view.getUint32(end, true) !== END) end--;
    if (end < 0) throw new Error('it has no directory: truncated, or not a ZIP file');
    const directory = {
      count: view.getUint16(end + 10, true),
      length: view.getUint32(end + 12, true),
      position: view.getUint32(end + 16, true),
    };
    if (directory.position !== IN_EXTRA && directory.count !== 0xffff) return directory;
    const locator = Number(view.getBigUint64(end - 12, true));
    const wide = this.read(locator, 56);
    const wideView = new DataView(wide.buffer, wide.byteOffset, 56);
    if (wideView.getUint32(0, true) !== END_64) throw new Error('its directory is damaged');
    return {
      count: Number(wideView.getBigUint64(32, true)),
      length: Number(wideView.getBigUint64(40, true)),
      position: Number(wideView.getBigUint64(48, true)),
    };
  }
}

/** Replaces sizes that need 64 bits by those in the extra field (tag 1), which are in this order. */
function widen(entry: Entry, view: DataView, start: number, length: number): void {
  for (let at = start; at + 4 <= start + length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let position = at + 4;
    for (const key of ['size', 'stored', 'header'] as const) {
      if (entry[key] !== IN_EXTRA) continue;
      entry[key] = Number(view.getBigUint64(position, true));
      position += 8;
    }
  }
}
