/** Errors by whose fault they are; the exit code of a verb follows from it (contract §1). */

/** The person's: bad arguments, bad config, a bad file. Exit code 2; nothing was started or written. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** One line per mistake, each with file, path and what was expected. */
  readonly problems: readonly string[];
  constructor(problems: readonly string[] | string) {
    const list = typeof problems === "string" ? [problems] : problems;
    super(list.join("\n"));
    this.problems = list;
  }
}

/** The environment's: a port taken, a disk full, a directory in use. Exit code 1. */
export class OperationalError extends Error {
  override readonly name = "OperationalError";
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
