// What a file that cannot be read as a history is refused with.

/**
 * One line for the user, `FILE:LINE:COLUMN: what was found; what is allowed`, without COLUMN where a line is one op, and
 * without both when it is about the whole.
 */
export class HistoryFileError extends Error {
  override name = 'HistoryFileError';
  readonly file: string;
  /** From 1. */
  readonly line: number | undefined;
  /** From 1, in UTF-16 code units. */
  readonly column: number | undefined;
  constructor(
    file: string,
    line: number | undefined,
    message: string,
    options?: ErrorOptions & { readonly column?: number | undefined },
  ) {
    const place = [file, line, options?.column].filter((part) => part !== undefined).join(':');
    super(
      `${place}: ${inOneLine(message)}`,
      options?.cause === undefined ? undefined : { cause: options.cause },
    );
    this.file = file;
    this.line = line;
    this.column = options?.column;
  }
}

/** What a file holds may be in the message: nothing of it may break the line or steer a terminal. */
function inOneLine(message: string): string {
  return message.replaceAll(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
