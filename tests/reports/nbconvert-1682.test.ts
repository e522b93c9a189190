/**
 * https://github.com/jupyter/nbconvert/issues/1682
 *
 * Reported: headings with the same words have the same anchor in the exported page, so that a link to the second leads to
 * the first.
 *
 * Here: they were numbered by their place in the page, so that the third 'Use' could take the anchor of 'Use 3'; and
 * headings written as HTML had no place in the contents, or an anchor that another heading had too.
 */
import { describe, expect, it } from 'vitest';
import { sharedPage } from './shared-page';

const anchorsOf = (page: string) => [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
const targetsOf = (page: string) => [...page.matchAll(/<li[^>]*><a href="#([^"]*)"/g)].map(([, id]) => id);

describe('every heading of a shared page', () => {
  it('has an anchor of its own, and the contents lead to each', async () => {
    const page = await sharedPage('## Use 3', '## Use', '## Use\n\n## Use', '<h2 align="center">Use</h2>');
    const anchors = anchorsOf(page);
    expect(anchors).toEqual(['out-Use-3', 'out-Use', 'out-Use-2', 'out-Use-4', 'out-Use-5']);
    expect(targetsOf(page)).toEqual(anchors);
    expect(page).toContain('<h2 align="center" id="out-Use-5">Use</h2>');
  });

  it('keeps the anchor that the notebook gave it, and leaves others theirs', async () => {
    const page = await sharedPage('<a id="use"></a>\n\n## use', '<h2 id="how">To do so</h2>', '## how');
    expect(anchorsOf(page)).toEqual(['out-use', 'out-use-2', 'out-how', 'out-how-2']);
    expect(targetsOf(page)).toEqual(['out-use-2', 'out-how', 'out-how-2']);
  });
});
