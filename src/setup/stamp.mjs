/** Stamps of finished steps: files with a hash of everything that the step depended on, written when it ends. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** @param {string} file @returns {string | undefined} its content; undefined when it cannot be read */
export function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * @param {...(string | { file: string })} parts texts, and files by their content
 * @returns {string} sha256, hexadecimal
 */
export function fingerprint(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) {
    const content = typeof part === 'string' ? part : (readIfThere(part.file) ?? 'absent');
    hash.update(`${content.length}\0${content}`);
  }
  return hash.digest('hex');
}

/** @param {string} stamp @param {string} expected */
export const isDone = (stamp, expected) => readIfThere(stamp) === expected;

/** @param {string} stamp @param {string} value */
export function markDone(stamp, value) {
  mkdirSync(dirname(stamp), { recursive: true });
  const temporary = `${stamp}.${process.pid}`;
  writeFileSync(temporary, value);
  renameSync(temporary, stamp);
}
