/** An image file that can't be read as one. */
export class UnreadableImageError extends Error {
  override readonly name = 'UnreadableImageError';

  constructor(
    /** The file, or a description of where the bytes came from. */
    readonly path: string,
    cause: unknown,
  ) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    super(`Can't read the image ${path}: ${reason}. Replace the file or leave it out (readableSubset does).`, {
      cause,
    });
  }
}

/** Data that a command downloads, or a folder the user names, isn't there. */
export class MissingDataError extends Error {
  override readonly name = 'MissingDataError';

  constructor(
    message: string,
    /** The places searched, in order. */
    readonly places: readonly string[],
  ) {
    super(message);
  }
}
