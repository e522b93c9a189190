/** What a sweep's own `measure` makes of an output. */
import { asError, SweepError } from '../errors';
import type { Measure, Settings, Sweep } from '../plan/sweep';

/** A sweep's own `measure` threw. */
class MeasureError extends SweepError {
  override readonly name = 'MeasureError';

  constructor(sweep: string, cause: unknown) {
    super(
      `The measures of sweep "${sweep}" could not be taken: ${asError(cause).message}. The output is kept: mend \`measure\` and run again.`,
      { cause },
    );
  }
}

/** @throws MeasureError */
export function measuresOf<S extends Settings, O>(sweep: Sweep<S, O>, output: O): Readonly<Record<string, Measure>> {
  try {
    return sweep.measure(output);
  } catch (cause) {
    throw new MeasureError(sweep.name, cause);
  }
}
