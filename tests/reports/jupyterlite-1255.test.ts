/**
 * https://github.com/jupyterlite/jupyterlite/issues/1255
 *
 * Reported: a JavaScript kernel writes numbers where a notebook file may have texts alone, so that the file is refused when
 * it is read.
 *
 * Here: numbers were written as texts. But a form that was undefined was shown as 'undefined', or failed the display; a
 * list of lines, as notebook files have them, got commas between its lines; bytes in another array than Uint8Array were
 * written as numbers.
 */
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/kernel/cell/bundle';

describe('a form of a display', () => {
  it.each<[kind: string, type: string, content: unknown, written: unknown]>([
    ['text', 'text/plain', 'a', 'a'],
    ['a number as text', 'text/plain', 5, '5'],
    ['lines', 'text/html', ['<b>\n', 'x</b>'], '<b>\nx</b>'],
    ['a list as text', 'text/plain', [1, 2], '1,2'],
    ['a URL as text', 'text/plain', new URL('http://localhost/'), 'http://localhost/'],
    ['bytes', 'image/png', Uint8Array.of(1, 2), 'AQI='],
    ['clamped bytes', 'image/png', Uint8ClampedArray.of(1, 2), 'AQI='],
    ['a buffer', 'image/png', Uint8Array.of(1, 2).buffer, 'AQI='],
    ['part of a buffer', 'image/png', Uint8Array.of(0, 1, 2, 3).subarray(1, 3), 'AQI='],
    ['JSON', 'application/json', { a: [1, undefined] }, { a: [1, null] }],
    ['JSON that is null', 'application/json', null, null],
    ['a JSON text', 'application/vnd.vegalite.v5+json', '{}', '{}'],
  ])('is written: %s', (_, type, content, written) => {
    expect(encode({ [type]: content })).toEqual({ [type]: written });
  });

  it('that has no content is left out', () => {
    const bundle = { 'text/html': undefined, 'image/svg+xml': null, 'application/json': () => 1, 'text/plain': '' };
    expect(encode({ ...bundle, 'application/x+json': undefined })).toEqual({ 'text/plain': '' });
  });
});
