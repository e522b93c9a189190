/** Downloads from the official source, only when asked for: resumable, hash-checked, unpacked with tar. */

import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { hashFile, hindranceToWriting } from '../common';
import type { LongTask } from '../engine';
import { cellSignal } from '../engine/progress';

/** A file to download, with its expected size and hash. */
export interface Archive {
  readonly name: string;
  readonly url: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** Published at https://www.cs.toronto.edu/~kriz/cifar.html (there with MD5 sums). */
export const cifar10Archive: Archive = {
  name: 'cifar-10-binary.tar.gz',
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
  sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  size: 170_052_171,
};

export const cifar100Archive: Archive = {
  name: 'cifar-100-binary.tar.gz',
  url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
  sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
  size: 168_513_733,
};

export interface DownloadOptions extends LongTask {
  /** Folder for the archive and its contents; created if missing. */
  folder: string;
}

/** A download that didn't arrive, or arrived as something else. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}

/** Fetches CIFAR-10 into `folder` and gives the folder for `cifar10`. @throws {DownloadError} */
export const downloadCifar10 = (options: DownloadOptions) => downloadArchive(cifar10Archive, options);

/** Fetches CIFAR-100 into `folder` and gives the folder for `cifar100`. @throws {DownloadError} */
export const downloadCifar100 = (options: DownloadOptions) => downloadArchive(cifar100Archive, options);

/**
 * Fetches an archive and unpacks it in `folder`. Resumes an interrupted download, and drops a file with the wrong hash.
 * @returns `folder`
 */
export async function downloadArchive(archive: Archive, options: DownloadOptions): Promise<string> {
  const { folder, signal = cellSignal() } = options;
  await mkdir(folder, { recursive: true });
  const target = join(folder, archive.name);
  if ((await sizeOf(target)) !== archive.size || (await hashFile(target, signal)) !== archive.sha256) {
    const partial = `${target}.partial`;
    await fetchRest(archive, partial, { ...options, ...(signal && { signal }) });
    const digest = await hashFile(partial, signal);
    if (digest !== archive.sha256) {
      await rm(partial, { force: true });
      throw new DownloadError(
        `Expected ${archive.url} to have the sha256 ${archive.sha256}, got ${digest}. The file was dropped; try again.`,
      );
    }
    await rename(partial, target);
  }
  try {
    await promisify(execFile)('tar', ['-xzf', archive.name], { cwd: folder, ...(signal && { signal }) });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new DownloadError(`Couldn't unpack ${target} with tar. Unpack it by hand in ${folder}.`, { cause });
  }
  return folder;
}

async function fetchRest(
  archive: Archive,
  partial: string,
  { folder, signal, onProgress }: DownloadOptions,
): Promise<void> {
  const { url, size, name } = archive;
  let done = await sizeOf(partial);
  if (done > size) {
    await rm(partial, { force: true });
    done = 0;
  }
  if (done === size) return;
  let response: Response;
  try {
    response = await fetch(url, { headers: done > 0 ? { range: `bytes=${done}-` } : {}, signal: signal ?? null });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new DownloadError(
      `Couldn't reach ${url}: is this machine on the net? Elsewhere, download ${name} and put it into ${folder}; the next call checks and unpacks it.`,
      { cause },
    );
  }
  if (!response.ok || !response.body)
    throw new DownloadError(`Expected ${url} to answer 200 or 206, got ${response.status} ${response.statusText}.`);
  const resumed = response.status === 206;
  if (!resumed) done = 0; // the server sends everything anew
  const progress = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      done += chunk.length;
      onProgress?.({ label: `Downloading ${name}`, done: Math.min(done, size), total: size });
      controller.enqueue(chunk);
    },
  });
  try {
    await pipeline(
      Readable.fromWeb(response.body.pipeThrough(progress) as import('node:stream/web').ReadableStream),
      createWriteStream(partial, { flags: resumed ? 'a' : 'w' }),
      ...(signal ? [{ signal }] : []),
    );
  } catch (cause) {
    signal?.throwIfAborted();
    const hindrance = hindranceToWriting(cause);
    throw new DownloadError(
      hindrance === undefined
        ? `The download of ${url} broke off after ${done} of ${size} bytes. Call again to continue it.`
        : `Couldn't write '${partial}': ${hindrance}. Then call again to continue the download of ${url}.`,
      { cause },
    );
  }
}

const sizeOf = async (path: string) => (await stat(path).catch(() => undefined))?.size ?? 0;
