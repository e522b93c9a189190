import { createHash } from 'node:crypto';

/** sha256 of the parts in order, 32 hex digits: enough to name content, short enough to read. */
export function fingerprint(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(`${part.length}:`);
    hash.update(part);
  }
  return hash.digest('hex').slice(0, 32);
}
