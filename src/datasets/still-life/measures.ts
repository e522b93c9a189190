/**
 * Area and bounds of each mode in its box of −50 … 50, class by class: so that an object can be given a share of the
 * image and kept inside it before it is drawn. `tests/datasets/still-life.test.ts` measures them anew.
 */
export interface Measure {
  /** Covered area, of 10,000; the mean over individuals. */
  readonly area: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const measures: readonly (readonly Measure[])[] = [
  // cup
  [
    { area: 5209, left: -39, top: -43, right: 47, bottom: 38 }, // mug
    { area: 5111, left: -51, top: -35, right: 47, bottom: 40 }, // teacup
    { area: 5507, left: -36, top: -52, right: 36, bottom: 50 }, // paper cup
    { area: 3944, left: -29, top: -54, right: 29, bottom: 50 }, // goblet
  ],
  // teapot
  [
    { area: 4630, left: -49, top: -42, right: 53, bottom: 37 }, // round
    { area: 4501, left: -43, top: -51, right: 48, bottom: 41 }, // tall
    { area: 5009, left: -39, top: -49, right: 55, bottom: 41 }, // kettle
    { area: 4337, left: -34, top: -52, right: 43, bottom: 47 }, // moka
  ],
  // vase
  [
    { area: 3782, left: -32, top: -54, right: 32, bottom: 47 }, // bottle
    { area: 4490, left: -36, top: -51, right: 37, bottom: 47 }, // amphora
    { area: 4472, left: -40, top: -54, right: 41, bottom: 47 }, // bouquet
    { area: 4072, left: -33, top: -53, right: 33, bottom: 47 }, // trumpet
  ],
  // lamp
  [
    { area: 3827, left: -37, top: -47, right: 37, bottom: 49 }, // table lamp
    { area: 3116, left: -40, top: -45, right: 47, bottom: 49 }, // desk lamp
    { area: 3713, left: -27, top: -52, right: 27, bottom: 45 }, // lantern
    { area: 4642, left: -43, top: -47, right: 43, bottom: 49 }, // mushroom lamp
  ],
  // candle
  [
    { area: 2475, left: -35, top: -49, right: 49, bottom: 48 }, // chamberstick
    { area: 3610, left: -31, top: -47, right: 31, bottom: 50 }, // pillar
    { area: 2731, left: -41, top: -50, right: 41, bottom: 49 }, // candelabrum
    { area: 4586, left: -30, top: -37, right: 30, bottom: 43 }, // jar
  ],
  // clock
  [
    { area: 5361, left: -39, top: -49, right: 39, bottom: 48 }, // alarm clock
    { area: 5755, left: -43, top: -43, right: 43, bottom: 43 }, // wall clock
    { area: 5547, left: -43, top: -39, right: 43, bottom: 45 }, // mantel clock
    { area: 4464, left: -35, top: -50, right: 50, bottom: 47 }, // pocket watch
  ],
  // book
  [
    { area: 6335, left: -35, top: -45, right: 37, bottom: 45 }, // closed
    { area: 6917, left: -51, top: -34, right: 51, bottom: 39 }, // open
    { area: 5228, left: -50, top: -30, right: 51, bottom: 41 }, // stack
    { area: 5857, left: -45, top: -43, right: 47, bottom: 43 }, // row
  ],
  // pear
  [
    { area: 4136, left: -34, top: -53, right: 34, bottom: 47 }, // whole
    { area: 3379, left: -28, top: -54, right: 28, bottom: 47 }, // russet
    { area: 4344, left: -35, top: -53, right: 36, bottom: 49 }, // half
    { area: 3917, left: -40, top: -35, right: 38, bottom: 44 }, // pair
  ],
  // lemon
  [
    { area: 4262, left: -48, top: -32, right: 48, bottom: 32 }, // whole
    { area: 5755, left: -43, top: -43, right: 43, bottom: 43 }, // cut
    { area: 3417, left: -49, top: -18, right: 49, bottom: 27 }, // wedge
    { area: 3992, left: -46, top: -52, right: 56, bottom: 42 }, // twig
  ],
  // fish
  [
    { area: 2731, left: -49, top: -25, right: 51, bottom: 23 }, // herring
    { area: 4176, left: -43, top: -34, right: 51, bottom: 35 }, // goldfish
    { area: 3998, left: -45, top: -49, right: 47, bottom: 49 }, // angelfish
    { area: 6255, left: -49, top: -41, right: 49, bottom: 41 }, // plated
  ],
];
