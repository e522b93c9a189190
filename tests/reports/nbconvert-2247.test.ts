/**
 * https://github.com/jupyter/nbconvert/issues/2247
 *
 * Reported: a pasted picture whose file name has a space, as those of many screenshot programs have, is missing in the
 * exported page.
 *
 * Here: the page showed the Markdown source in its place, and so it did for names with brackets.
 */
import { describe, expect, it } from 'vitest';
import { PNG, sharedPage } from './shared-page';

describe('a pasted picture is in the shared page, whatever its name', () => {
  it.each([
    ['Screen shot.png', '![shot](attachment:Screen shot.png)'],
    ['Screen shot (2).png', '![shot](attachment:Screen shot (2).png)'],
    ['Screen shot.png', '![shot](attachment:Screen%20shot.png)'],
    ['Screen shot.png', '![shot](<attachment:Screen shot.png>)'],
    ['Screen shot.png', '<img src="attachment:Screen shot.png">'],
    ['100%.png', '![shot](attachment:100%.png)'],
    ['50%25.png', '![shot](attachment:50%25.png)'],
    ['Übersicht.png', '![shot](attachment:Übersicht.png)'],
  ])('%s as %s', async (name, source) => {
    const page = await sharedPage({ source, attachments: { [name]: { 'image/png': PNG } } });
    expect(page).toContain(`src="data:image/png;base64,${PNG}"`);
    expect(page).not.toContain('attachment:');
  });
});
