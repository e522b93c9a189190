import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/temporary';
import { KernelClient, type Output } from './helpers/kernel-client';

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
  await kernel.execute("import { barChart, control, liveOutput, showProgress } from './src/charts'");
});
afterAll(async () => {
  await kernel.close();
});

const WIDGET = 'application/vnd.jupyter.widget-view+json';
const wait = 'await new Promise((resolve) => setTimeout(resolve, 25));';
const slowly = (name: string) =>
  `const ${name} = showProgress('${name}'); for (let done = 0; done <= 40; done++) { ${name}({ label: '${name}', done, total: 40 }); ${wait} }`;
/** Code that goes on until the test writes the file `flag`. */
const until = (flag: string, again: string) =>
  `while (!(await import('node:fs')).existsSync(${JSON.stringify(flag)})) { ${again} ${wait} }`;
const messagesTo = (id: unknown) =>
  kernel.published.filter(({ type, content }) => type === 'comm_msg' && content.comm_id === id).length;
const dataOf = ({ content }: Output) => content.data as Record<string, string> & { state: { html: string } };

it('no widget is made for a front-end that has not asked for any', async () => {
  const { outputs } = await kernel.execute(slowly('headless'));
  expect(outputs.some(({ type }) => type.startsWith('comm'))).toBe(false);
  const last = dataOf(outputs.filter(({ type }) => type === 'update_display_data').at(-1)!);
  expect(last['text/plain']).toContain('40/40');
});

it('a widget manager is told of what is alive, and progress goes to it over a comm until it is done', async () => {
  await kernel.notify('comm_open', { comm_id: 'control', target_name: 'jupyter.widget.control', data: {} });
  const flag = join(temporaryFolder(), 'enough');
  const report = "bars({ label: 'bars', done: 39, total: 40 });";
  const running = kernel.execute(
    `const bars = showProgress('bars'); ${until(flag, report)} ${report.replace('39', '40')}`,
  );
  const { content, metadata } = await kernel.until(({ type }) => type === 'comm_open');
  expect(content.target_name).toBe('jupyter.widget');
  expect(metadata).toEqual({ version: '2.1.0' });
  const id = String(content.comm_id);
  expect((await kernel.request('comm_info_request', { target_name: 'jupyter.widget' })).comms).toHaveProperty(id);
  await kernel.notify('comm_msg', { comm_id: id, data: { method: 'custom', content: { ready: true } } });
  await kernel.notify('comm_msg', { comm_id: 'control', data: { method: 'request_states' } });
  const told = await kernel.until(({ type, content: { comm_id } }) => type === 'comm_msg' && comm_id === 'control');
  expect(dataOf(told)).toMatchObject({ states: { [id]: { model_name: 'AnyModel', model_module: 'anywidget' } } });
  await kernel.until(() => messagesTo(id) > 2);
  writeFileSync(flag, '');
  const { outputs } = await running;
  const kinds = outputs.map((output) => (WIDGET in (dataOf(output) ?? {}) ? 'widget' : output.type));
  expect(kinds.slice(kinds.indexOf('widget')).filter((kind) => kind === 'comm_msg').length).toBeGreaterThan(2);
  // At its end an ordinary output takes the widget's place.
  expect(kinds.slice(-3)).toEqual(['update_display_data', 'comm_close', 'status']);
  expect((await kernel.request('comm_info_request', { target_name: 'jupyter.widget' })).comms).toEqual({});
});

it('a live chart is sent as a picture while it fills in and stays as a chart', async () => {
  const flag = join(temporaryFolder(), 'enough');
  const running = kernel.execute(`const live = liveOutput();
    let n = 0;
    ${until(flag, "n = (n % 12) + 1; await live.show(barChart(Array.from({ length: n }, (_, i) => ({ method: 'm' + i, accuracy: i / 10 })), { series: 'method', value: 'accuracy' }));")}
    live.end()`);
  const open = await kernel.until(
    (output) => output.type === 'comm_open' && dataOf(output).state.html.includes('image/svg+xml'),
  );
  await kernel.notify('comm_msg', {
    comm_id: open.content.comm_id,
    data: { method: 'custom', content: { ready: true } },
  });
  await kernel.until(() => messagesTo(open.content.comm_id) > 2);
  writeFileSync(flag, '');
  const { reply, outputs } = await running;
  expect(reply.status).toBe('ok');
  const last = dataOf(outputs.filter(({ type }) => type === 'update_display_data').at(-1)!);
  expect(Object.keys(last)).toEqual(['application/vnd.vegalite.v5+json', 'image/svg+xml', 'image/png', 'text/plain']);
  expect(outputs.filter(({ type }) => type === 'comm_msg').length).toBeGreaterThan(1);
});

it('a progress whose cell is interrupted stays as it was, and no widget of it is left', async () => {
  const known = kernel.published.filter(({ type }) => type === 'comm_open').length;
  const running = kernel.execute(slowly('stopped').replaceAll('40', '4000'));
  const opened = () => kernel.published.filter(({ type }) => type === 'comm_open');
  await kernel.until(() => opened().length > known);
  const id = opened().at(-1)!.content.comm_id;
  await kernel.notify('comm_msg', { comm_id: id, data: { method: 'custom', content: { ready: true } } });
  await kernel.interrupt();
  const { reply, outputs } = await running;
  expect(reply.ename).toBe('Interrupted');
  expect(outputs.map(({ type }) => type).slice(-4)).toEqual(['update_display_data', 'comm_close', 'error', 'status']);
});

it('a control does its work again when the front-end sets something, and what it prints belongs to its cell', async () => {
  const { outputs, reply } = await kernel.execute(
    "await control({ size: [16, 28, 48] }, ({ size }) => { console.log('work', size); if (size === 48) setTimeout(() => { throw new Error('later') }); return 'size ' + size })",
  );
  expect(reply.status).toBe('ok');
  const open = outputs.find(({ type }) => type === 'comm_open')!;
  const shown = (type: string) =>
    outputs.filter((output) => output.type === type).map((output) => dataOf(output)['text/plain']);
  expect(shown('display_data')).toEqual(['size: [16] 28 48', 'size 16']);
  await kernel.execute("console.log('another cell')");
  const set = { values: { size: 2 }, count: 1 };
  await kernel.notify('comm_msg', { comm_id: open.content.comm_id, data: { method: 'custom', content: set } });
  const form = await kernel.until((output) => dataOf(output)?.['text/plain'] === 'size: 16 28 [48]');
  expect(form.type).toBe('update_display_data');
  const ofCell = kernel.published.filter(({ content }) =>
    /^(?:work 48\n|size 48)$|later/.test(
      String(content.text ?? (content.data as Record<string, string>)?.['text/plain']),
    ),
  );
  expect(ofCell.map(({ type }) => type).sort()).toEqual(['stream', 'stream', 'update_display_data']);
  const cell = kernel.published.find(
    ({ content }) => content.comm_id === open.content.comm_id && 'target_name' in content,
  )!.parent;
  expect(new Set(ofCell.map(({ parent }) => parent))).toEqual(new Set([cell]));
});
