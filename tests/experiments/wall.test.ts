import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scatter } from '../../src/charts';
import { lackingHere, verdictLines } from '../../src/experiments/claims/verdicts';
import type { Exhibit } from '../../src/experiments/exhibit';
import { wall } from '../../src/experiments/wall';
import { temporaryFolder } from '../helpers/temporary';

const item = (name: string): Exhibit => ({
  name,
  paper: 'self-adaptive memory',
  item: `Item ${name}`,
  title: 'how | many',
  says: 'Some.',
  methods: [],
  claims: [],
  make: async () => ({ picture: scatter([{ x: 1, y: 1 }], { x: 'x', y: 'y' }), rows: [] }),
});

const judged = [
  {
    says: 'More is better.',
    ours: { holds: "doesn't hold", sentence: 'It is not.' },
    published: { holds: 'holds', sentence: 'It is.' },
  },
  {
    says: 'More is cheaper.',
    ours: lackingHere('Less'),
    published: undefined,
  },
] as const;

const output = (text: string) => ({ output_type: 'display_data', data: { 'text/markdown': text.split(/(?<=\n)/) } });

describe('wall', () => {
  const folder = temporaryFolder();
  const begin = '<!-- The wall: written by npx stillhouse wall -->';

  it('hangs what has been run with picture and verdicts, names what has not, and leaves the rest as it is', async () => {
    const place = join(folder, 'self-adaptive-memory', 'one');
    mkdirSync(place, { recursive: true });
    const cells = [{ cell_type: 'code', source: '', outputs: [output(verdictLines(judged))] }];
    writeFileSync(join(place, 'executed.ipynb'), JSON.stringify({ nbformat: 4, metadata: {}, cells }));
    writeFileSync(join(folder, 'README.md'), `# By hand\n${begin}\nstale\n<!-- The end of the wall -->\nmore\n`);
    const options = { folder, items: [item('one'), item('two')] };
    await wall(options);
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(readme).toMatch(/^# By hand\n[\s\S]*\nmore\n$/);
    expect(readme).not.toContain('stale');
    expect(readme).toContain('<img src="self-adaptive-memory/one/chart.png" alt="Item one" width="220">');
    expect(readme).toContain('how \\| many');
    expect(readme).toContain(
      "✗ doesn't hold (the paper's own figures: holds): More is better. <small>It is not.</small><br>– not compared: More is cheaper.",
    );
    expect(readme).toContain('Not run yet: Item two (`two`).');
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    expect(page).toContain('href="self-adaptive-memory/one/page.html"');
    expect(page).toContain('✗</b> More is better. <small class="quiet">It is not.</small>');
    expect(page).toContain('–</b> More is cheaper.</li>');
    await wall(options);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe(readme);
  });

  it('refuses a README without a place for it', async () => {
    writeFileSync(join(folder, 'README.md'), '# By hand\n');
    await expect(wall({ folder, items: [] })).rejects.toThrow(/to have the lines/);
  });
});
