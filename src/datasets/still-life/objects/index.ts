import { book } from './book';
import { candle } from './candle';
import { clock } from './clock';
import { cup } from './cup';
import { fish } from './fish';
import { lamp } from './lamp';
import { lemon } from './lemon';
import { pear } from './pear';
import { teapot } from './teapot';
import type { Thing } from './thing';
import { vase } from './vase';

export type { Mode, Thing } from './thing';

/** The ten classes in label order. */
export const things: readonly Thing[] = [cup, teapot, vase, lamp, candle, clock, book, pear, lemon, fish];
