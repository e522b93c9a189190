/** Checks of the numeric options of charts, tables and pictures. */

type Options = Readonly<Record<string, number | undefined>>;

/** @throws RangeError naming the first given option that is NaN or below `least` */
export function expectAtLeast(least: number, options: Options): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !(value >= least))
      throw new RangeError(`Expected ${name} to be ${least} or more, got ${value}.`);
  }
}

/** @throws RangeError naming the first given option that is not finite */
export function expectFinite(options: Options): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !Number.isFinite(value))
      throw new RangeError(`Expected ${name} to be a finite number, got ${value}.`);
  }
}

/** @throws RangeError unless `digits` is a whole number from `least` to 20 */
export function expectDigits(digits: number, { least = 0 }: { least?: number } = {}): void {
  if (!Number.isInteger(digits) || digits < least || digits > 20)
    throw new RangeError(`Expected digits to be a whole number from ${least} to 20, got ${digits}.`);
}
