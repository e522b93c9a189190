import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TypeErrorsSetting } from '../../src/kernel/compiler/type-errors';
import { temporaryFolder } from '../helpers/temporary';
import { cellRunner } from './helpers/cell-runner';

describe('the setting for type errors', () => {
  it('is refuse, until a cell says something else for itself and those after it', () => {
    const setting = new TypeErrorsSetting();
    expect(setting.of('1')).toBe('refuse');
    expect(setting.of('1\n  // @ts-errors: warn\n2')).toBe('warn');
    expect(setting.of('1')).toBe('warn');
    expect(setting.of('// @ts-errors silent')).toBe('silent');
    setting.reset();
    expect(setting.of('1')).toBe('refuse');
  });

  it('is silent for a cell that begins with @ts-nocheck, and for no other', () => {
    const setting = new TypeErrorsSetting();
    expect(setting.of('// @ts-nocheck\nconst a = 1')).toBe('silent');
    expect(setting.of('/* why */\n// and how\n// @ts-nocheck')).toBe('silent');
    expect(setting.of('const a = 1 // @ts-nocheck')).toBe('refuse');
  });

  it("is read from the notebook's metadata, again when the notebook was saved", () => {
    const file = join(temporaryFolder(), 'n.ipynb');
    const save = (stillhouse: object, at: number) => {
      writeFileSync(file, JSON.stringify({ metadata: { stillhouse }, cells: [] }));
      utimesSync(file, at, at);
    };
    const setting = new TypeErrorsSetting(file);
    expect(setting.of('1')).toBe('refuse');
    save({ typeErrors: 'warn' }, 1);
    expect(setting.of('1')).toBe('warn');
    save({}, 2);
    expect(setting.of('1')).toBe('refuse');
    save({ typeErrors: 'loud' }, 3);
    expect(() => setting.of('1')).toThrow(
      'Expected refuse, warn or silent in the notebook\'s metadata.stillhouse.typeErrors, got "loud".',
    );
    expect(setting.of('// @ts-errors: silent')).toBe('silent');
    expect(() => setting.of('// @ts-errors: loud')).toThrow('Expected refuse, warn or silent');
  });
});

describe('a cell with type errors', () => {
  const wrong = "const n: number = 'text'; n";

  it('runs where they warn, and they are told', async () => {
    const { compiler, run } = cellRunner({ typeErrors: 'warn' });
    const found = compiler.compile(wrong, { typeErrors: 'warn' });
    expect(found).toMatchObject({ ok: true, warnings: [{ code: 2322, line: 1, column: 7 }] });
    expect(await run(wrong)).toBe('text');
    await expect(run('nowhere')).rejects.toThrow(ReferenceError);
  });

  it('runs where they are silent, unless JavaScript itself could not run it', async () => {
    const { compiler, run } = cellRunner({ typeErrors: 'silent' });
    expect(compiler.compile(wrong, { typeErrors: 'silent' })).toMatchObject({ ok: true, warnings: [] });
    expect(await run(wrong)).toBe('text');
    await expect(run('n = 3')).rejects.toThrow("Cannot assign to 'n' because it is a constant");
    await expect(run('let twice = 1; let twice = 2')).rejects.toThrow('Cannot redeclare');
    await expect(run('1 +')).rejects.toThrow('Expression expected');
  });
});
