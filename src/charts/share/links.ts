/** Relative links of a Markdown text that moves to another folder. */
import { posix } from 'node:path';

/** What has to be left alone, and the beginning of a link, a picture or a link's definition with its target. */
const PARTS = new RegExp(
  [
    /^ {0,3}(?<fence>`{3,}|~{3,})[^\n]*(?:\n[\s\S]*?(?:^ {0,3}\k<fence>[`~]*[ \t]*$|$(?![\s\S]))|$)/,
    /(?<!`)(?<ticks>`+)(?!`)[\s\S]*?(?<!`)\k<ticks>(?!`)/, // a code span
    /\$\$[\s\S]+?\$\$|\$(?![ $])[^$`]+?(?<![ \\])\$(?!\d)/, // formulas, as markdown.ts reads them
    /(?<begin>\]\(\s*|^ {0,3}\[[^\]\n]+\]:[ \t]*)(?:<(?<bracketed>[^<>\n]*)>|(?<bare>[^\s()<>]+))/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gm',
);

/**
 * Rewrites the relative targets of links and pictures, so that they lead from folder `to` where they led from folder
 * `from`. Addresses with a scheme, anchors and absolute paths stay, and so do code and formulas.
 * @param folders both absolute, or both relative to the same folder, with `/`
 */
export function rebaseLinks(markdown: string, { from, to }: { from: string; to: string }): string {
  return markdown.replace(PARTS, (whole, ...found) => {
    const { begin, bracketed, bare } = found.at(-1) as Record<string, string | undefined>;
    const target = bracketed ?? bare;
    if (begin === undefined || !target || /^(?:[a-z][a-z\d+.-]*:|[#/?])/i.test(target)) return whole;
    const [path = '', end = ''] = target.split(/(?=[?#])(.*)/s);
    const way = posix.relative(to, posix.join(from, path)) || '.';
    const moved = `${way}${path.endsWith('/') ? '/' : ''}${end}`;
    return bracketed === undefined ? `${begin}${moved}` : `${begin}<${moved}>`;
  });
}
