/** Framing of messages between the server and the cell process: a length (4 bytes, big-endian) and a structured clone. */
import { deserialize, serialize } from 'node:v8';

/** One message as bytes. */
export function encodeFrame(message: unknown): Buffer {
  const body = serialize(message);
  const frame = Buffer.allocUnsafe(body.length + 4);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}

/** Splits a byte stream, in chunks of any size, into messages. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private length = 0;

  /** The messages completed by `chunk`, oldest first. */
  push(chunk: Buffer): unknown[] {
    this.chunks.push(chunk);
    this.length += chunk.length;
    const messages: unknown[] = [];
    for (let size = this.size(); size !== undefined && this.length >= size + 4; size = this.size()) {
      const all = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
      messages.push(deserialize(all.subarray(4, size + 4)));
      const rest = all.subarray(size + 4);
      this.chunks = rest.length > 0 ? [rest] : [];
      this.length = rest.length;
    }
    return messages;
  }

  /** Length of the first message's body; undefined until its four bytes have arrived. */
  private size(): number | undefined {
    if (this.length < 4) return undefined;
    if (this.chunks[0]!.length < 4) this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0]!.readUInt32BE(0);
  }
}
