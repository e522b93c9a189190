import { RandomStream } from '../../engine/random';
import { type Backdrop, type Illumination, illumination } from './backdrop';
import { Brush, ellipse, place } from './brush';
import { hanging, trifle } from './clutter';
import { measures } from './measures';
import { things } from './objects';
import { plainSurface, tableSurface, wallSurface } from './surfaces';

/** Everything one image is made of, before any pixel. */
export interface Scene {
  readonly label: number;
  readonly mode: number;
  readonly backdrop: Backdrop;
  readonly illumination: Illumination;
  /** SVG under the object (distractors, shadows) in the 100 × 100 scene. */
  readonly under: string;
  /** SVG of the object alone. */
  readonly object: string;
  /** Gradients and clip paths of both. */
  readonly defs: string;
}

/** Names an image of the world. */
export interface SceneKey {
  seed: number;
  split: 'train' | 'test';
  label: number;
  /** 0, 1, 2, … within the class: image 7 is the same in a class of 10 and of 1000. */
  index: number;
  /** Share of the image that the object covers, from … to. @default closeUp */
  objectArea?: readonly [number, number];
  /** @default 'room' */
  scenery?: Scenery;
}

/** Where things are: on tables, cloths and before walls among other small things, or alone on one plain surface. */
export type Scenery = 'room' | 'studio';

/** Objects that fill most of the image: sides of 0.60 of it on average. */
export const closeUp: readonly [number, number] = [0.11, 0.27];

/** An object is made smaller where its longer side would pass this, at the upper end of `closeUp`; in hundredths of the image. */
const longestSide = 72;

/** Version of the world: changes whenever the same key gives another image. */
export const worldVersion = 1;

function streamOf({ seed, split, label, index }: SceneKey): RandomStream {
  return new RandomStream(seed, 'still-life', worldVersion, split, label, index);
}

/** The mode of an image, drawn by the shares of its class, without composing the scene. */
export function modeOf(key: SceneKey): number {
  const { modes } = things[key.label]!;
  let draw = streamOf(key).child('mode').uniform();
  for (let mode = 0; mode < modes.length; mode++) {
    draw -= modes[mode]!.share;
    if (draw < 0) return mode;
  }
  return modes.length - 1;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Bounds of a box after scaling and turning about its origin. */
function turned(box: Box, scale: number, degrees: number): Box {
  const [cosine, sine] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const xs: number[] = [];
  const ys: number[] = [];
  for (const x of [box.left, box.right])
    for (const y of [box.top, box.bottom]) {
      xs.push(scale * (x * cosine - y * sine));
      ys.push(scale * (x * sine + y * cosine));
    }
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

/** Composes an image of the world. */
export function composeScene(key: SceneKey): Scene {
  const stream = streamOf(key);
  const mode = modeOf(key);
  const { tilt, draw } = things[key.label]!.modes[mode]!;
  const measure = measures[key.label]![mode]!;

  const pose = stream.child('pose');
  const light = pose.uniform() < 0.5 ? 1 : -1;
  const fromFront = pose.uniform() < 0.66;
  const mirrored = pose.uniform() < 0.5;
  const degrees = pose.uniform(-tilt, tilt) * (fromFront ? 0.6 : 1);
  const [least, most] = key.objectArea ?? closeUp;
  const share = pose.uniform(least, most);
  const box: Box = mirrored ? { ...measure, left: -measure.right, right: -measure.left } : measure;
  const unit = turned(box, 1, degrees);
  const extent = Math.max(unit.right - unit.left, unit.bottom - unit.top);
  const longest = longestSide * Math.sqrt(most / closeUp[1]);
  const scale = Math.min(Math.sqrt((share * 10_000) / measure.area), longest / extent);
  const bounds = turned(box, scale, degrees);
  const x = pose.uniform(1 - bounds.left, 99 - bounds.right);
  const y = pose.uniform(1 - bounds.top, 99 - bounds.bottom);
  const [width, height] = [bounds.right - bounds.left, bounds.bottom - bounds.top];
  const base = y + bounds.bottom;

  const room = stream.child('room');
  const horizon = Math.min(94, Math.max(12, base - height * room.uniform(0.1, 0.75)));
  const studio = key.scenery === 'studio';
  const backdrop: Backdrop = studio
    ? { table: plainSurface(room), wall: undefined, horizon: 0, turn: 0 }
    : {
        table: tableSurface(room),
        wall: fromFront ? wallSurface(room) : undefined,
        horizon: fromFront ? horizon : 0,
        turn: fromFront ? 0 : room.uniform(0, Math.PI),
      };

  // The drawing is mirrored as a whole, so the light falls on it from the other side.
  const brush = new Brush(stream.child('object'), mirrored ? (light === 1 ? -1 : 1) : light, 'o');
  const object = place(draw(brush), x, y, scale, degrees, mirrored);
  const lying = new Brush(stream.child('clutter'), light, 'c');
  const centre = { x: x + (bounds.left + bounds.right) / 2, y: y + (bounds.top + bounds.bottom) / 2 };
  const under = studio ? '' : clutter(lying, fromFront ? horizon : undefined, { ...centre, width, height });
  const shadow = fromFront
    ? ellipse(
        centre.x - light * width * 0.22,
        base - height * 0.03,
        width * 0.66,
        Math.max(3, height * 0.11),
        lying.shadow(0.75),
      )
    : ellipse(
        centre.x - light * width * 0.09,
        centre.y + height * 0.09,
        width * 0.62,
        height * 0.62,
        lying.shadow(0.7),
      );
  return {
    label: key.label,
    mode,
    backdrop,
    illumination: illumination(room, light),
    under: under + shadow,
    object,
    defs: brush.defs.join('') + lying.defs.join(''),
  };
}

/** One to six small things, most of them beside the object. */
function clutter(
  brush: Brush,
  horizon: number | undefined,
  object: { x: number; y: number; width: number; height: number },
): string {
  const { random } = brush;
  let svg = '';
  if (horizon !== undefined && horizon > 34 && random.uniform() < 0.55)
    svg += place(
      hanging(brush),
      random.uniform(10, 90),
      random.uniform(10, horizon - 18),
      random.uniform(0.8, 1.3),
      random.uniform(-4, 4),
    );
  const count = 1 + random.integer(6);
  for (let k = 0; k < count; k++) {
    let [x, y] = [50, 50];
    for (let attempt = 0; attempt < 6; attempt++) {
      x = random.uniform(4, 96);
      y = horizon === undefined ? random.uniform(4, 96) : random.uniform(Math.min(horizon + 3, 92), 97);
      if (Math.abs(x - object.x) > object.width * 0.5 || Math.abs(y - object.y) > object.height * 0.5) break;
    }
    svg += place(trifle(brush), x, y, random.uniform(0.55, 1.05));
  }
  return svg;
}
