import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitizeHtml, sanitizeSvg } from '../../src/charts/share/sanitize';

/** Samples that run a script, load something, or break out, in one browser or another, when let through. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '<ScRiPt src=//x.y/z.js></sCrIpT>',
  '<script>alert(1)',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
  '<script\x0btype="text/javascript">alert(1)</script>',
  '<script/x>alert(1)</script >',
  '<img src=x onerror=alert(1)>',
  '<img src=x onerror\n=\n"alert(1)">',
  '<img/src="x"/onerror="alert(1)">',
  '<img src="data:image/png;base64,AAAA" onload=alert(1)>',
  '<img """><script>alert(1)</script>">',
  '<img src=https://tracker.example/a.png>',
  '<img srcset="https://tracker.example/a.png 2x">',
  '<a href="javascript:alert(1)">x</a>',
  '<a href=" jAvA\tscript\n:alert(1)">x</a>',
  '<a href="&#106;avascript:alert(1)">x</a>',
  '<a href="&#x6A;avascript&colon;alert(1)">x</a>',
  '<a href="java&Tab;script&colon;alert(1)">x</a>',
  '<a href="\u0001javascript:alert(1)">x</a>',
  '<a href="vbscript:msgbox(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<iframe src="https://x.y"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<object data="x.swf"></object><embed src="x.swf"><applet code=x></applet>',
  '<form action="https://x.y"><input name=a><button formaction="javascript:alert(1)">go</button></form>',
  '<meta http-equiv="refresh" content="0;url=https://x.y">',
  '<base href="https://x.y/"><link rel=stylesheet href="https://x.y/a.css">',
  '<style>@import "https://x.y/a.css"; body { display: none }</style>',
  '<div style="background:url(https://x.y/a.png)">x</div>',
  '<div style="background:u\\72l(javascript:alert(1))">x</div>',
  '<div style="width:expression(alert(1))">x</div>',
  '<div style="position:fixed;inset:0;z-index:99">x</div>',
  '<table background="https://x.y/a.png"><tr><td>x</td></tr></table>',
  '<svg onload="alert(1)"><circle r="1"/></svg>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><script xlink:href="data:,alert(1)"/></svg>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<svg><a><animate attributeName="href" values="javascript:alert(1)"/><text>x</text></a></svg>',
  '<svg><set attributeName="onmouseover" to="alert(1)"/></svg>',
  '<svg><foreignObject><iframe src="javascript:alert(1)"></iframe></foreignObject></svg>',
  '<svg><use href="data:image/svg+xml,<svg onload=alert(1)>"/></svg>',
  '<svg><use xlink:href="https://x.y/a.svg#b"/></svg>',
  '<svg><image href="https://x.y/a.png"/></svg>',
  '<svg><rect fill="url(https://x.y/a.svg#b)"/></svg>',
  '<svg><style>*{fill:url(https://x.y)}</style></svg>',
  '<svg><desc><img src=x onerror=alert(1)></desc><title><script>alert(1)</script></title></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
  '<template><img src=x onerror=alert(1)></template>',
  '<textarea></textarea><img src=x onerror=alert(1)>',
  '<xmp><img src=x onerror=alert(1)></xmp>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<!-- --!><img src=x onerror=alert(1)>',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '<?xml-stylesheet href="https://x.y/a.xsl"?><p>x</p>',
  '<p title="a"onmouseover="alert(1)">x</p>',
  "<p title='a' 'onmouseover=alert(1)>x</p>",
  '<p title=`a` onclick=alert(1)>x</p>',
  '<video src=x onerror=alert(1)><source onerror=alert(1)></video><audio src=x>',
  '<details open ontoggle=alert(1)>x</details>',
  '<body onload=alert(1)><p>x</p></body>',
  '<x onclick=alert(1)>x</x>',
  '<a href="//x.y" target=_blank ping="https://x.y">x</a>',
  '<p id="sh-results">x</p>',
  '<button data-action="copy">x</button><p data-action="theme">x</p>',
  '<img src="x` `<script>alert(1)</script>"` `>',
  '\u0000<scr\u0000ipt>alert(1)</scr\u0000ipt>',
];

const CHARACTERS: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };

/** Where a browser would go: links lead to pages, all else stays inside the document. */
function isHarmlessAddress(element: string, value: string): boolean {
  const address = value.replace(/&(lt|gt|quot|#39|amp);/g, (entity) => CHARACTERS[entity] as string);
  if (/^data:image\/[\w+]+;base64,/.test(address)) return element === 'img' || element === 'image';
  if (element !== 'a') return address.startsWith('#');
  try {
    return ['file:', 'http:', 'https:', 'mailto:'].includes(new URL(address, 'file:///page.html').protocol);
  } catch {
    return true; // an address that is none leads nowhere
  }
}

/** Reads sanitised markup the way a browser would, and lists what could do harm in it. */
function harm(html: string): string[] {
  const found: string[] = [];
  for (const [tag, , name = '', attributes = ''] of html.matchAll(/<(\/?)([^\s/>]+)((?:"[^"]*"|[^">])*)>/g)) {
    if (
      /^(script|style|iframe|object|embed|form|input|button|meta|base|link|foreignobject|animate|set|math|template|noscript|textarea|xmp|video|audio|body|title|desc)$/i.test(
        name,
      )
    )
      found.push(tag);
    for (const [whole, attribute = '', value = ''] of attributes.matchAll(/\s([^\s=]+)="([^"]*)"/g)) {
      if (/^on|^(srcset|ping|action|formaction|background|data-.*|target|srcdoc)$/i.test(attribute)) found.push(whole);
      if (/^(id)$/.test(attribute) && !value.startsWith('out-')) found.push(whole);
      if (/^style$/i.test(attribute) && /url|expression|position/i.test(value)) found.push(whole);
      if (/url\((?!#out-)/i.test(value) && !/^(alt|title|class)$/.test(attribute)) found.push(whole);
      if (/^(src|href|xlink:href)$/i.test(attribute) && !isHarmlessAddress(name, value)) found.push(whole);
    }
    const rest = attributes.replace(/\s[^\s=]+="[^"]*"/g, '').replace(/\s*\/?$/, '');
    if (rest) found.push(`loose: ${rest}`);
  }
  return found;
}

describe('sanitizeHtml', () => {
  it.each(HOSTILE)('makes harmless: %s', (sample) => {
    expect(harm(sanitizeHtml(sample))).toEqual([]);
  });
  it.each(HOSTILE)('makes harmless as XML: %s', (sample) => {
    expect(harm(sanitizeHtml(sample, { xml: true }))).toEqual([]);
  });
  it('changes nothing more when it is applied again', () => {
    for (const sample of HOSTILE) {
      const once = sanitizeHtml(sample);
      expect(sanitizeHtml(once).replaceAll('out-out-', 'out-')).toBe(once);
    }
  });
  it('is checked by eyes that see the harm in the samples themselves', () => {
    expect(HOSTILE.filter((sample) => harm(sample).length > 0).length).toBeGreaterThan(55);
  });
  it('makes any mixture of them harmless', () => {
    const pieces = [
      '<',
      '>',
      '"',
      "'",
      '/',
      '=',
      ' ',
      '\0',
      '`',
      '<!--',
      '-->',
      '<svg>',
      '</svg>',
      '<math>',
      '<style>',
      '</style>',
      '<title>',
      '&',
      ';',
    ];
    const mixture = fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.constantFrom(...pieces)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(mixture, fc.nat(200), fc.nat(20), (parts, at, length) => {
        const text = parts.join('');
        expect(harm(sanitizeHtml(text.slice(0, at) + text.slice(at + length)))).toEqual([]);
      }),
      { numRuns: 1000, seed: 4 },
    );
  });
  it('keeps what notebooks are made of', () => {
    const table =
      '<table class="dataframe" border="1"><thead><tr style="text-align: right;"><th align="right">a &lt; b &amp; c</th></tr></thead><tbody><tr><td colspan="2"><b>1</b> ± 0.3</td></tr></tbody></table>';
    expect(sanitizeHtml(table)).toBe(
      table.replace(' border="1"', '').replace('text-align: right;', 'text-align:right'),
    );
    expect(sanitizeHtml('<a href="https://arxiv.org/abs/1?a=1&amp;b=2">x</a>')).toBe(
      '<a href="https://arxiv.org/abs/1?a=1&amp;b=2" rel="noopener noreferrer">x</a>',
    );
    expect(sanitizeHtml('<details><summary>s</summary>x</details><br>&nbsp;5 > 4')).toBe(
      '<details><summary>s</summary>x</details><br>&nbsp;5 &gt; 4',
    );
  });
  it('closes what is open and ignores ends that belong to nothing, so that an output cannot leave its place', () => {
    expect(sanitizeHtml('</div></main><p><b>x</p>y')).toBe('<p><b>x</b></p>y');
    expect(sanitizeHtml('<div><table><tr><td>x')).toBe('<div><table><tr><td>x</td></tr></table></div>');
  });
  it('says where a picture was that is not inside the page', () => {
    expect(sanitizeHtml('<img alt="a map" src="map.png">')).toBe('[image: a map]');
  });
  it('takes a mere < for a character', () => {
    expect(sanitizeHtml('a < b <3')).toBe('a &lt; b &lt;3');
  });
  it('does not slow down on what is never closed', () => {
    const began = performance.now();
    sanitizeHtml(`${'<div>'.repeat(10_000)}${'<a '.repeat(10_000)}`);
    sanitizeHtml('<'.repeat(50_000));
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe('sanitizeSvg', () => {
  it('keeps the spelling of SVG, its paints and its clips', () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><defs><clipPath id="c"><rect width="9" height="9"/></clipPath></defs><g clip-path="url(#c)"><path d="M0 0L9 9" stroke="#000"/><text>a &amp; b</text></g></svg>';
    expect(sanitizeSvg(svg)).toBe(svg.replace('id="c"', 'id="out-c"').replace('url(#c)', 'url(#out-c)'));
  });
  it('finds no picture where there is none', () => {
    expect(sanitizeSvg('<p>x</p>')).toBeUndefined();
  });
});
