import { describe, expect, it } from 'vitest';
import { DISPLAY, MIME, scatter } from '../../src/charts';
import type { Exhibit } from '../../src/experiments/exhibit';
import { openExhibit } from '../../src/experiments/open-exhibit';
import { Store } from '../../src/sweeps';
import { temporaryFolder } from '../helpers/temporary';

const rows = [
  { method: 'quick', seconds: 1 },
  { method: 'slow', seconds: 3 },
];

const times: Exhibit = {
  name: 'times',
  paper: 'stillhouse',
  item: 'Times',
  title: 'two methods',
  says: 'One is quick.',
  methods: [],
  claims: [
    {
      says: 'Quick is quicker.',
      onPublished: 'holds',
      test: ([a, b]) => ({
        holds: Number(a!.seconds) < Number(b!.seconds) ? 'holds' : "doesn't hold",
        sentence: `${a!.seconds} s and ${b!.seconds} s.`,
      }),
    },
  ],
  published: { source: 'nowhere', rows: [...rows].reverse() },
  make: async ({ name }) => ({
    picture: scatter(rows, { x: 'seconds', y: 'seconds' }),
    rows,
    leftOut: [`No third method at scale ${name}.`],
  }),
};

describe('openExhibit', () => {
  it('shows what it claims before, and picture, rows, verdicts and what is left out after', async () => {
    const opened = openExhibit(times, { scale: 'mini' });
    expect((await opened.claims[DISPLAY]())[MIME.markdown]).toContain('- Quick is quicker.');
    const results = await opened.run({ store: new Store(temporaryFolder()), onProgress: () => undefined });
    expect(results.judged).toEqual([
      {
        says: 'Quick is quicker.',
        ours: { holds: 'holds', sentence: '1 s and 3 s.' },
        published: { holds: "doesn't hold", sentence: '3 s and 1 s.' },
      },
    ]);
    expect((await results.table[DISPLAY]())[MIME.results]).toMatchObject({ name: 'times', rows });
    expect((await results.leftOut[DISPLAY]())[MIME.markdown]).toBe('- No third method at scale mini.');
    const files = await results.files();
    expect(files['table.csv']).toBe('method,seconds\nquick,1\nslow,3\n');
    expect(
      Buffer.from(files['chart.png'] as Uint8Array)
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  });

  it('refuses a scale that is none', () => {
    expect(() => openExhibit(times, { scale: 'huge' })).toThrow(/Expected a scale among/);
  });
});
