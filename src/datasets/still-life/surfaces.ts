import type { RandomStream } from '../../engine/random';
import { type Colour, darker, glaze, hsl, jitter, lighter, mix, wood } from './colour';
import { clothPatterns, marble, type Pattern, planks, plaster, ValueNoise, wallPatterns } from './patterns';

/** A surface: wallpaper, plaster, table, cloth. The same for all classes. */
export interface Surface {
  readonly from: Colour;
  readonly to: Colour;
  readonly pattern: Pattern;
}

/** A colour for rooms: from pale to deep, never as loud as a glaze. */
function roomColour(random: RandomStream): Colour {
  return hsl(random.uniform(0, 360), random.uniform(0.08, 0.42), random.uniform(0.28, 0.82));
}

function papered(random: RandomStream, pattern: Pattern): Surface {
  const from = roomColour(random);
  const second = random.uniform();
  const step = random.uniform(0.16, 0.45);
  const to =
    second < 0.4 ? lighter(from, step) : second < 0.75 ? darker(from, step) : mix(from, glaze(random), 0.35 + step);
  return { from, to, pattern };
}

/** A wall: paper, plaster, brick or tile. */
export function wallSurface(random: RandomStream): Surface {
  const noise = new ValueNoise(random);
  return papered(random, random.choice(wallPatterns)(random, noise));
}

/** One colour without a pattern, light enough for every thing to stand out. */
export function plainSurface(random: RandomStream): Surface {
  const colour = hsl(random.uniform(0, 360), random.uniform(0.05, 0.25), random.uniform(0.6, 0.85));
  return { from: colour, to: colour, pattern: () => 0 };
}

/** What things stand or lie on: boards, stone, cloth. */
export function tableSurface(random: RandomStream): Surface {
  const noise = new ValueNoise(random);
  const kind = random.uniform();
  if (kind < 0.38) {
    const colour = wood(random);
    return { from: lighter(colour, 0.15), to: darker(colour, 0.5), pattern: planks(random, noise) };
  }
  if (kind < 0.52) {
    const stone = hsl(random.uniform(0, 360), random.uniform(0.02, 0.16), random.uniform(0.3, 0.85));
    const veins = random.uniform() < 0.5 ? darker(stone, 0.4) : lighter(stone, 0.5);
    return { from: veins, to: stone, pattern: marble(random, noise) };
  }
  if (kind < 0.62) return papered(random, plaster(random, noise));
  const cloth = random.choice(clothPatterns)(random, noise);
  const [from, to] = [
    jitter(glaze(random), random),
    random.uniform() < 0.6 ? ([236, 228, 212] as const) : roomColour(random),
  ];
  return random.uniform() < 0.5 ? { from, to, pattern: cloth } : { from: to, to: from, pattern: cloth };
}
