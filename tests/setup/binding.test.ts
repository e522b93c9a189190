import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { bindingSources } from '../../src/setup/binding.mjs';

it('the binding is compiled again when its C++, a header or the flags of the compiler change', () => {
  expect(bindingSources.map((file) => basename(file))).toEqual(
    expect.arrayContaining(['kernels.cc', 'operation.h', 'log-level.cc', 'binding.mjs']),
  );
});
