import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary';
import { Lab, missing } from './helpers/lab';

const reason = missing();

const CELL = `import { barChart, control } from 'stillhouse';
await control({ patchSize: [16, 28, 48], order: ['up', 'down'], soft: true }, async ({ patchSize, order, soft }, signal) => {
  if (patchSize === 28) while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  signal.throwIfAborted();
  return barChart([{ method: order, accuracy: patchSize / 100 }, { method: String(soft), accuracy: 0.2 }],
    { series: 'method', value: 'accuracy', title: 'patches of ' + patchSize + ', ' + order + ', ' + soft });
})`;

const LINKED = `import { control, heatMap, imageGrid } from 'stillhouse';
const rows = [0.1, 0.5].flatMap((start) => [0.7, 0.9].map((end) => ({ start, end, accuracy: end - start })));
await control({ cell: heatMap(rows, { x: 'end', y: 'start', value: 'accuracy', title: 'Accuracy' }) }, ({ cell: { start, end } }) => {
  const pixels = { height: 8, width: 8, data: new Uint8Array(192).fill(255 * Number(start)) };
  return imageGrid([pixels], { title: start + ' to ' + end });
})`;

describe.runIf(!reason)(`a control in JupyterLab${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let lab: Lab;
  const folder = temporaryFolder();
  const file = join(folder, 'control.ipynb');
  beforeAll(async () => {
    const cells = [CELL, LINKED].map((source, i) => ({
      ...{ cell_type: 'code', id: `c${i}`, metadata: {}, outputs: [], execution_count: null },
      source,
    }));
    const kernelspec = { name: 'stillhouse', display_name: 'TypeScript (Stillhouse)', language: 'typescript' };
    writeFileSync(file, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
    lab = await Lab.open(folder, 'control.ipynb');
  }, 240_000);
  afterAll(async () => {
    await lab?.close();
  });

  /** The chart that is shown, by its title, as its output keeps it. */
  const title = () =>
    lab.page.evaluate(`(() => {
      const outputs = window.jupyterapp.shell.currentWidget.content.widgets[0].model.outputs;
      const charts = Array.from({ length: outputs.length }, (_, i) => outputs.get(i).data['application/vnd.vegalite.v5+json']);
      const found = charts.find(Boolean)?.title;
      return found?.text ?? found;
    })()`);
  const text = (cell: number, output: number) =>
    lab.page.evaluate(
      `window.jupyterapp.shell.currentWidget.content.widgets[${cell}].model.outputs.get(${output})?.data['text/plain']`,
    );
  const form = () => text(0, 0);

  it('slider, menu and check box call back, the chart changes, stale work is stopped, and the form that is saved keeps up', async () => {
    await lab.page.locator('.jp-Notebook .jp-Cell .cm-content').first().click();
    await lab.command('notebook:run-cell');
    const control = lab.page.locator('.sh-control');
    await control.waitFor({ timeout: 120_000 });
    await lab.page.locator('.vega-embed').waitFor({ timeout: 60_000 });
    expect(await title()).toContain('patches of 16, up, true');

    // 28 never ends: it is stopped by what comes after it.
    await control.locator('input[type=range]').focus();
    await lab.page.keyboard.press('ArrowRight');
    await control.getByText('running …').waitFor();
    await lab.page.keyboard.press('ArrowRight');
    await expect.poll(title, { timeout: 30_000 }).toContain('patches of 48, up, true');
    await control.locator('select').selectOption('down');
    await expect.poll(title, { timeout: 30_000 }).toContain('patches of 48, down, true');
    await control.locator('input[type=checkbox]').uncheck();
    await expect.poll(title, { timeout: 30_000 }).toContain('patches of 48, down, false');
    await expect.poll(form, { timeout: 30_000 }).toBe('patchSize: 16 28 [48]\norder: up [down]\nsoft: [no]');

    // The widget was drawn again with it, and shows what is set.
    expect(await control.locator('input[type=range]').inputValue()).toBe('2');
    expect(await control.locator('output').first().textContent()).toBe('48');
    if (process.env.STILLHOUSE_SCREENSHOTS) {
      await lab.page.screenshot({ path: join(process.env.STILLHOUSE_SCREENSHOTS, 'control.png') });
    }
  }, 300_000);

  it('a heat map is clicked, by mouse and keyboard, and what stands behind the cell is shown', async () => {
    await lab.page.locator('.jp-Notebook .jp-Cell .cm-content').nth(1).click();
    await lab.command('notebook:run-cell');
    const chart = lab.page.locator('.sh-chart');
    await chart.waitFor({ timeout: 120_000 });
    await expect.poll(() => text(1, 1), { timeout: 60_000 }).toContain('0.1 to 0.7');
    await chart.locator('a').nth(2).click();
    await expect.poll(() => text(1, 1), { timeout: 30_000 }).toContain('0.5 to 0.7');
    await lab.page.keyboard.press('Tab');
    await lab.page.keyboard.press('Enter');
    await expect.poll(() => text(1, 1), { timeout: 30_000 }).toContain('0.5 to 0.9');
    await expect.poll(() => text(1, 0), { timeout: 30_000 }).toBe('cell: [start 0.5, end 0.9]');
    expect(await chart.locator('a[aria-current]').getAttribute('aria-label')).toBe('start 0.5, end 0.9');
    if (process.env.STILLHOUSE_SCREENSHOTS) {
      await lab.page.screenshot({ path: join(process.env.STILLHOUSE_SCREENSHOTS, 'linked.png') });
    }
  }, 300_000);
});
