/** What charts, tables and pictures refuse in their options: numbers that nothing can be drawn with. */

type Options = Readonly<Record<string, number | undefined>>;

/** @throws RangeError naming the first option that is given and is less than `least`, or no number */
export function expectAtLeast(least: number, options: Options): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !(value >= least))
      throw new RangeError(`Expected ${name} to be ${least} or more, got ${value}.`);
  }
}

/** @throws RangeError naming the first option that is given and is not finite */
export function expectFinite(options: Options): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !Number.isFinite(value))
      throw new RangeError(`Expected ${name} to be a finite number, got ${value}.`);
  }
}

/** @throws RangeError unless a number can be written with so many digits */
export function expectDigits(digits: number, { least = 0 }: { least?: number } = {}): void {
  if (!Number.isInteger(digits) || digits < least || digits > 20)
    throw new RangeError(`Expected digits to be a whole number of ${least} to 20, got ${digits}.`);
}
