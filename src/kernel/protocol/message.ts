/** Jupyter's wire format (protocol 5.4): identities, a delimiter, an HMAC signature, four JSON parts, raw buffers. */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

export const PROTOCOL_VERSION = '5.4';
const DELIMITER = Buffer.from('<IDS|MSG>');

/** Any JSON object. */
export type Json = Record<string, unknown>;

/** Who sent a message, when, and what it is. */
export interface Header extends Json {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

/** A message as received. */
export interface Message {
  /** Routing identities, which a reply has to send back before the delimiter. */
  identities: Buffer[];
  header: Header;
  parent: Json;
  metadata: Json;
  content: Json;
  buffers: Buffer[];
}

/** A message to be sent. */
export interface Outgoing {
  identities?: readonly (Buffer | string)[];
  type: string;
  content: Json;
  /** Header of the message this one answers, or {}. */
  parent?: Json;
  metadata?: Json;
  buffers?: readonly Uint8Array[];
}

/** A message that can't be parsed or whose signature is wrong. */
export class MalformedMessage extends Error {
  override name = 'MalformedMessage';
}

/** Signs, writes, reads and verifies messages with a connection's key. */
export class Wire {
  /** @param key Shared secret; an empty key turns signatures off, as the protocol says. */
  constructor(
    private readonly key: string,
    private readonly session: string = randomUUID(),
    private readonly username = 'kernel',
  ) {}

  /** The frames of `message`, signed. */
  write(message: Outgoing): (Buffer | string | Uint8Array)[] {
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: message.type,
      session: this.session,
      username: this.username,
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    };
    const parts = [header, message.parent ?? {}, message.metadata ?? {}, message.content].map((part) =>
      Buffer.from(wellFormed(JSON.stringify(part))),
    );
    return [...(message.identities ?? []), DELIMITER, this.sign(parts), ...parts, ...(message.buffers ?? [])];
  }

  /**
   * Reads frames; the signature is compared in constant time.
   * @throws MalformedMessage if a part is missing or isn't a JSON object, or the signature is wrong.
   */
  read(frames: readonly Buffer[]): Message {
    const at = frames.findIndex((frame) => frame.equals(DELIMITER));
    if (at < 0) throw new MalformedMessage('Expected the delimiter <IDS|MSG>, found none.');
    const signature = frames[at + 1];
    const parts = frames.slice(at + 2, at + 6);
    if (signature === undefined || parts.length < 4) {
      throw new MalformedMessage(
        `Expected a signature and 4 parts after the delimiter, found ${frames.length - at - 1}.`,
      );
    }
    const expected = Buffer.from(this.sign(parts));
    if (this.key !== '' && (signature.length !== expected.length || !timingSafeEqual(signature, expected))) {
      throw new MalformedMessage(
        'Expected a message signed with the key of this connection, but the signature differs.',
      );
    }
    const [header, parent, metadata, content] = parts.map(parseObject) as [Json, Json, Json, Json];
    for (const field of ['msg_id', 'msg_type', 'session'] as const) {
      if (typeof header[field] !== 'string') throw new MalformedMessage(`Expected header.${field} to be a string.`);
    }
    return {
      identities: frames.slice(0, at),
      header: header as Header,
      parent,
      metadata,
      content,
      buffers: frames.slice(at + 6),
    };
  }

  private sign(parts: readonly Buffer[]): string {
    if (this.key === '') return '';
    const hmac = createHmac('sha256', this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  }
}

/** Replaces lone surrogates (\\ud83d) in JSON, since Jupyter can't save a notebook that holds one. */
function wellFormed(json: string): string {
  return json.includes('\\ud') ? json.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, '$1\ufffd') : json;
}

function parseObject(part: Buffer): Json {
  let value: unknown;
  try {
    value = JSON.parse(part.toString('utf8'));
  } catch (cause) {
    throw new MalformedMessage('Expected a JSON part, but it does not parse.', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedMessage('Expected a JSON object as a part.');
  }
  return value as Json;
}
