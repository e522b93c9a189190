/**
 * A small stroke font for machines without any fonts: SVG `<text>` becomes lines. It is plain, but better than a chart
 * without numbers.
 *
 * A glyph is a list of polylines on a grid of digits: x from 0, y 2 = baseline, 7 = x-height, 9 = capitals, 0 = lowest.
 */
import { textWidth } from './text-metrics';

const GLYPHS: Record<string, string> = Object.fromEntries(
  `A 02 39 62/14 54
B 02 09 49 58 57 46 06/46 55 53 42 02
C 58 49 19 08 03 12 42 53
D 02 09 39 57 54 32 02
E 59 09 02 52/06 46
F 59 09 02/06 46
G 58 49 19 08 03 12 42 53 55 35
H 02 09/52 59/06 56
I 02 09
J 39 33 22 12 03
K 02 09/59 05/26 52
L 09 02 42
M 02 09 35 69 62
N 02 09 52 59
O 19 49 58 53 42 12 03 08 19
P 02 09 49 58 56 45 05
Q 19 49 58 53 42 12 03 08 19/34 61
R 02 09 49 58 56 45 05/35 52
S 58 49 19 08 07 16 46 55 53 42 12 03
T 09 69/39 32
U 09 03 12 42 53 59
V 09 32 69
W 09 22 47 62 89
X 02 59/09 52
Y 09 36 69/36 32
Z 09 59 02 52
a 06 17 37 46 42/45 15 04 03 12 32 43
b 09 02/06 17 37 46 43 32 12 03
c 46 37 17 06 03 12 32 43
d 49 42/46 37 17 06 03 12 32 43
e 05 45 46 37 17 06 03 12 42
f 39 29 18 12/07 37
g 47 41 30 10 01/46 37 17 06 03 12 32 43
h 09 02/06 17 37 46 42
i 02 07/09 09
j 17 11 00/19 19
k 09 02/47 04/25 42
l 09 02
m 02 07/06 17 27 36 32/36 47 57 66 62
n 02 07/06 17 37 46 42
o 17 37 46 43 32 12 03 06 17
p 00 07/06 17 37 46 43 32 12 03
q 40 47/46 37 17 06 03 12 32 43
r 02 07/05 17 37
s 46 37 17 06 15 35 44 43 32 12 03
t 19 13 22 32/07 37
u 07 03 12 32 43/47 42
v 07 22 47
w 07 12 36 52 67
x 02 47/07 42
y 07 22/47 10
z 07 47 02 42
0 19 39 48 43 32 12 03 08 19
1 08 29 22
2 08 19 39 48 46 02 42
3 08 19 39 48 47 36 16/36 45 43 32 12 03
4 32 39 04 44
5 49 09 06 36 45 43 32 12 03
6 48 39 19 08 03 12 32 43 45 36 16 05
7 09 49 12
8 16 07 08 19 39 48 47 36 16 05 03 12 32 43 45 36
9 03 12 32 43 48 39 19 08 06 15 35 46
. 02 02
, 12 00
: 02 02/06 06
; 16 16/12 00
- 05 35
– 05 45
— 05 75
− 05 45
_ 00 50
+ 05 45/27 23
± 06 46/28 24/02 42
× 03 47/07 43
= 06 46/04 44
/ 02 39
\\ 09 32
( 29 07 04 22
) 09 27 24 02
[ 29 09 02 22
] 09 29 22 02
{ 29 18 16 05 14 13 22
} 09 18 16 25 14 13 02
% 02 59/09 19 18 08 09/43 53 52 42 43
# 12 29/42 59/04 54/07 57
& 52 07 08 19 28 27 04 03 12 22 44
* 29 25/08 46/06 48
' 09 07
" 09 07/29 27
! 09 05/02 02
? 08 19 39 48 47 25 24/22 22
< 47 05 43
> 07 45 03
| 00 09
^ 07 29 47
~ 05 16 34 45
\` 09 17
$ 48 39 19 08 07 16 36 45 43 32 12 03/21 20/29 29
→ 05 65/47 65 43
… 02 02/22 22/42 42
· 05 05
° 08 09 19 18 08
≤ 48 06 44/02 42
≥ 08 46 04/02 42
α 47 23 12 03 06 17 26 42
@ 54 44 34 36 46 47 37 16 13 22 52`
    .split('\n')
    .map((line) => [line[0] as string, line.slice(2)]),
);
const UNKNOWN = '02 09 49 42 02';
const UNIT = 1 / 9.75; // font size per grid step: capitals 0.718 em high, as Helvetica's

/** Replaces each `<text>` of an SVG document by strokes with the same position, size, anchor and colour. */
export function strokeText(svg: string): string {
  return svg.replace(/<text\b([^>]*)>([\s\S]*?)<\/text>/g, (_, attributes: string, content: string) => {
    const size = Number.parseFloat(attribute(attributes, 'font-size') ?? '12');
    const lines = content.includes('<tspan')
      ? [...content.matchAll(/<tspan\b([^>]*)>([\s\S]*?)<\/tspan>/g)]
      : [['', '', content]];
    let down = 0;
    return lines
      .map(([, own = '', words = '']) => {
        down += Number.parseFloat(attribute(own, 'dy') ?? '0');
        return strokeLine(decode(words), attributes, size, down);
      })
      .join('');
  });
}

function strokeLine(words: string, attributes: string, size: number, down: number): string {
  const wanted = textWidth(words, size);
  const natural = advance(words) * UNIT * size;
  const stretch = natural > 0 ? wanted / natural : 1;
  const anchor = attribute(attributes, 'text-anchor');
  const start = anchor === 'middle' ? -wanted / 2 : anchor === 'end' ? -wanted : 0;
  let pen = start;
  let path = '';
  for (const character of words) {
    for (const polyline of character === ' ' ? [] : (GLYPHS[character] ?? UNKNOWN).split('/')) {
      const points = polyline
        .split(' ')
        .map(
          ([x, y]) =>
            `${round(pen + (Number(x) + 0.75) * UNIT * size * stretch)} ${round((2 - Number(y)) * UNIT * size)}`,
        );
      path += `M${points.join('L')}`;
    }
    pen += width(character) * UNIT * size * stretch;
  }
  const [x, y] = [
    Number.parseFloat(attribute(attributes, 'x') ?? '0'),
    Number.parseFloat(attribute(attributes, 'y') ?? '0') + down,
  ];
  const weight = /^(bold|[6-9]00)$/.test(attribute(attributes, 'font-weight') ?? '') ? 0.115 : 0.08;
  const transform = `${attribute(attributes, 'transform') ?? ''} translate(${x},${y})`.trim();
  const opacity = attribute(attributes, 'opacity') ?? '1';
  const colour = attribute(attributes, 'fill') ?? '#000';
  return `<path d="${path}" transform="${transform}" fill="none" stroke="${colour}" opacity="${opacity}" stroke-width="${round(size * weight)}" stroke-linecap="round" stroke-linejoin="round"/>`;
}

/** Advance of a character, in grid steps. */
function width(character: string): number {
  if (character === ' ') return 3;
  return Math.max(...[...(GLYPHS[character] ?? UNKNOWN).matchAll(/(\d)\d/g)].map(([, x]) => Number(x))) + 1.9;
}
const advance = (words: string) => [...words].reduce((sum, character) => sum + width(character), 0);

const round = (value: number) => Math.round(value * 100) / 100;

function attribute(attributes: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
}

function decode(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
