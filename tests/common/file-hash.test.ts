import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashFile } from '../../src/common';
import { temporaryFolder } from '../helpers/temporary';

describe('hashFile', () => {
  const path = join(temporaryFolder(), 'large');
  const bytes = new Uint8Array((1 << 20) + 17).fill(7);
  writeFileSync(path, bytes);

  it('is SHA-256 of the bytes, also of a file larger than the piece that is read at once', async () => {
    expect(await hashFile(path)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('stops when it is told to', async () => {
    await expect(hashFile(path, AbortSignal.abort())).rejects.toThrow(/abort/i);
  });
});
