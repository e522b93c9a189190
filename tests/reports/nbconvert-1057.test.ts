/**
 * https://github.com/jupyter/nbconvert/issues/1057, and again https://github.com/jupyter/nbconvert/issues/2236
 *
 * Reported: a picture that was pasted into a cell is in the exported page when Markdown shows it, and is not when an
 * `img` element shows it, which is how people set its width.
 *
 * Here: only an element that was written in one way had its picture. With single quotes, none, spaces, capitals, or a '>'
 * in a text before its address, it was left out; so were pictures that the notebook keeps as a list of lines.
 */
import { describe, expect, it } from 'vitest';
import { PNG, sharedPage } from './shared-page';

const attachments = { 'map.png': { 'image/png': PNG } };

describe('a pasted picture is in the shared page', () => {
  it.each([
    '![A map](attachment:map.png)',
    '<img src="attachment:map.png" width="200">',
    "<img src='attachment:map.png' width='200'/>",
    '<img width=200 src=attachment:map.png>',
    '<div align="center">\n<IMG SRC = "attachment:map.png">\n</div>',
    '<img alt="left > right" src="attachment:map.png">',
    '<figure><img src="attachment:map.png"><figcaption>A map</figcaption></figure>',
  ])('as %s', async (source) => {
    expect(await sharedPage({ source, attachments })).toContain(`src="data:image/png;base64,${PNG}"`);
  });

  it('with its lines joined, and in the form that is a picture', async () => {
    const forms = { 'text/plain': 'map', 'image/png': [PNG.slice(0, 40), PNG.slice(40)] };
    const page = await sharedPage({ source: '![A map](attachment:map.png)', attachments: { 'map.png': forms } });
    expect(page).toContain(`src="data:image/png;base64,${PNG}"`);
  });

  it('as a drawing, without what could run', async () => {
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script><rect width="1" height="1"/></svg>';
    const page = await sharedPage({
      source: '<img src="attachment:box.svg">',
      attachments: { 'box.svg': { 'image/svg+xml': drawing } },
    });
    const written = Buffer.from(/base64,([\w+/=]+)"/.exec(page)![1]!, 'base64').toString();
    expect(written).toMatch(/<svg[^>]*><rect/);
    expect(written).not.toContain('script');
  });
});
