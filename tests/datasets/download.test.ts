import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, DownloadError, downloadArchive } from '../../src/datasets/download';
import { temporaryFolder } from '../helpers/temporary';

const folder = temporaryFolder();
mkdirSync(join(folder, 'content'));
writeFileSync(join(folder, 'content', 'greeting.txt'), 'good morning');
execFileSync('tar', ['-czf', 'source.tar.gz', 'content'], { cwd: folder });
const bytes = readFileSync(join(folder, 'source.tar.gz'));

const ranges: (string | undefined)[] = [];
const server = createServer((request, response) => {
  const { range } = request.headers;
  ranges.push(range);
  const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
  response.writeHead(range ? 206 : 200, { 'content-length': bytes.length - from });
  response.end(bytes.subarray(from));
});
let archive: Archive;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  archive = {
    name: 'archive.tar.gz',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/archive.tar.gz`,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
  };
});
afterAll(() => server.close());

describe('downloadArchive', () => {
  it('fetches, checks and unpacks, telling how far it is', async () => {
    const target = join(folder, 'fresh');
    const done: number[] = [];
    await downloadArchive(archive, { folder: target, onProgress: (progress) => done.push(progress.done) });
    expect(readFileSync(join(target, 'content', 'greeting.txt'), 'utf8')).toBe('good morning');
    expect(done.at(-1)).toBe(bytes.length);
  });

  it('asks nothing of the net when the archive is there', async () => {
    const asked = ranges.length;
    await downloadArchive(archive, { folder: join(folder, 'fresh') });
    expect(ranges.length).toBe(asked);
  });

  it('continues what an interruption left', async () => {
    const target = join(folder, 'resumed');
    mkdirSync(target);
    writeFileSync(join(target, 'archive.tar.gz.partial'), bytes.subarray(0, 40));
    await downloadArchive(archive, { folder: target });
    expect(ranges.at(-1)).toBe('bytes=40-');
    expect(readFileSync(join(target, 'content', 'greeting.txt'), 'utf8')).toBe('good morning');
  });

  it('drops bytes that hash to something else', async () => {
    const wrong = { ...archive, sha256: '0'.repeat(64) };
    await expect(downloadArchive(wrong, { folder: join(folder, 'wrong') })).rejects.toThrow(/sha256 0{64}, got/);
  });

  it.skipIf(!existsSync('/dev/full'))(
    'says that the disk is full, and not that the net broke off (needs /dev/full)',
    async () => {
      const target = join(folder, 'full');
      mkdirSync(target);
      symlinkSync('/dev/full', join(target, 'archive.tar.gz.partial'));
      const attempt = downloadArchive(archive, { folder: target });
      await expect(attempt).rejects.toThrow(DownloadError);
      await expect(attempt).rejects.toThrow(/Couldn't write .*archive\.tar\.gz\.partial.*the disk is full/);
    },
  );

  it('says clearly when there is no way to the source, and where to put the file', async () => {
    const unreachable = { ...archive, url: 'http://127.0.0.1:1/archive.tar.gz' };
    const attempt = downloadArchive(unreachable, { folder: join(folder, 'offline') });
    await expect(attempt).rejects.toThrow(DownloadError);
    await expect(attempt).rejects.toThrow(/put it into .*offline/);
  });
});
