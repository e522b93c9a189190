import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type executeNotebook, type Notebook, resultsTable, shareCommand, verifyCommand } from '../../src/charts';
import { temporaryFolder } from '../helpers/temporary';
import { rows } from './sample';

const folder = temporaryFolder();

/** An executed notebook with a table, all of whose accuracies are moved by this. */
function notebook(by = 0): Notebook {
  const moved = rows.map((row) => ({ ...row, accuracy: row.accuracy + by }));
  const table = resultsTable(moved, { rows: 'method', columns: 'ipc', value: 'accuracy', name: 'table' });
  const data = { 'application/vnd.stillhouse.results+json': table.toResults() };
  const outputs = [{ output_type: 'display_data' as const, data }];
  return { nbformat: 4, metadata: {}, cells: [{ cell_type: 'code', source: 'x', outputs }] };
}

function saved(name: string, content: object = notebook()): string {
  const path = join(folder, `${name}.ipynb`);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe('verify', () => {
  /** Verifies notebooks; the run of one gives what stands here under its name, or fails. */
  async function verified(names: string[], again: Record<string, Notebook | Error>) {
    const [said, warned, limits]: [string[], string[], unknown[]] = [[], [], []];
    const paths = names.map((name) => saved(name));
    const execute: typeof executeNotebook = async (path, { timeout, kernel } = {}) => {
      limits.push([timeout, kernel]);
      const result = again[names[paths.indexOf(path)]!]!;
      if (result instanceof Error) throw result;
      return result;
    };
    const [say, warn] = [(line: string) => void said.push(line), (line: string) => void warned.push(line)];
    const code = await verifyCommand(paths, { timeout: 5, kernel: 'stillhouse', execute, say, warn });
    return { said, warned, limits, code };
  }

  it('ends with 0 when every number holds, and runs the notebook under the limits that were given', async () => {
    const { said, code, limits } = await verified(['held'], { held: notebook() });
    expect(code).toBe(0);
    expect(said[0]).toMatch(/held\.ipynb: \d+ numbers, run again in .*: \d+ the same\.$/);
    expect(limits).toEqual([[5, 'stillhouse']]);
  });

  it('ends with 1 when a number moved, and with 1 when it is missing', async () => {
    expect((await verified(['moved'], { moved: notebook(0.5) })).code).toBe(1);
    expect((await verified(['missing'], { missing: { ...notebook(), cells: [] } })).code).toBe(1);
  });

  it('ends with 2 when a notebook could not be run, whatever the others do, and runs them all', async () => {
    const { said, warned, code } = await verified(['failed', 'held', 'moved'], {
      failed: new Error('the kernel died'),
      held: notebook(),
      moved: notebook(0.5),
    });
    expect(code).toBe(2);
    expect(warned).toEqual(['the kernel died']);
    expect(said).toHaveLength(2);
  });

  it('lets a fault of the program through, with its stack', async () => {
    const fault = new TypeError("Cannot read properties of undefined (reading 'cells')");
    await expect(verified(['failed'], { failed: fault })).rejects.toBe(fault);
  });

  it('ends with 2 for a notebook that carries no results', async () => {
    const warned: string[] = [];
    const path = saved('empty', { nbformat: 4, metadata: {}, cells: [] });
    expect(await verifyCommand(path, { warn: (line) => warned.push(line) })).toBe(2);
    expect(warned[0]).toMatch(/empty\.ipynb to carry results, found none/);
  });
});

describe('share', () => {
  it('says what it wrote, and throws when it could not', async () => {
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    const out = join(folder, 'shared.html');
    await shareCommand(saved('shared'), { out, say });
    expect(existsSync(out)).toBe(true);
    expect(said).toEqual([expect.stringMatching(/^.*shared\.html \([\d.]+ [kM]?B\)$/)]);
    await expect(shareCommand(join(folder, 'nowhere.ipynb'), { say })).rejects.toThrow(/nowhere\.ipynb, found nothing/);
  });
});
