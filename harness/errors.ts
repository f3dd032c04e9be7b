// The four kinds of failure, never mixed: an operation that went wrong is an Outcome and no error at all; the other
// three are here or a plain Error (a bug of ours).

/** The user's mistake: one line that names the flag, file or line, what was found and what is allowed. Exit 254. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The world's failure: what was attempted, where, and what came back. Exit 3; what was recorded is still judged. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
  readonly node: string | undefined;
  constructor(message: string, options: { node?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.node = options.node;
  }
}
