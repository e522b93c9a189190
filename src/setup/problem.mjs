/** What a person can mend, said with the command that mends it. */
export class SetupProblem extends Error {
  /**
   * @param {string} what what is wrong, with what was seen
   * @param {string} remedy what to do, preferably a command
   * @param {{ cause?: unknown }} [options]
   */
  constructor(what, remedy, options) {
    super(`${what}\n  → ${remedy}`, options);
    this.name = 'SetupProblem';
    this.what = what;
    this.remedy = remedy;
  }
}

/**
 * Turns a file system's refusal into a problem with a remedy; passes anything else on.
 * @param {unknown} error
 * @param {string} folder where it happened
 */
export function fileProblem(error, folder) {
  const code = /** @type {{ code?: string }} */ (error)?.code;
  if (code === 'ENOSPC') {
    return new SetupProblem(
      `The disk that holds ${folder} is full.`,
      'Free 2 GB there (or set XDG_CACHE_HOME to a larger disk) and run the same command again.',
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new SetupProblem(
      `${folder} cannot be written.`,
      'Give yourself write access to it, or set XDG_CACHE_HOME to a folder of yours.',
      { cause: error },
    );
  }
  return error;
}
