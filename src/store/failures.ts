/** What DuckDB's error messages mean. It has no stable codes, so the words are matched here and nowhere else. */
import { OperationalError } from "../errors.ts";

export type StoreFailure =
  | "data-directory-in-use"
  | "store-corrupt"
  | "store-too-new"
  | "store-full"
  | "store-unavailable"
  | "store-of-another-journal"
  | "store-gap"
  | "store-rolled-up"
  | "store-ahead-of-journal"
  | "store-unauthorized"
  | "store-version"
  | "store-rejected"
  | "store-unreadable"
  | "query-timeout"
  | "query-too-large"
  | "store-failed";

/** An error as it crosses from the worker. */
export interface FailureMessage {
  readonly code: StoreFailure;
  readonly message: string;
}

/** Thrown inside the worker where the meaning is known already. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreFailure;
  constructor(code: StoreFailure, message: string) {
    super(message);
    this.code = code;
  }
}

const PATTERNS: readonly (readonly [RegExp, StoreFailure])[] = [
  [/Could not set lock on file/i, "data-directory-in-use"],
  [/No space left on device|disk quota|max_temp_directory_size/i, "store-full"],
  [/Permission denied|Read-only file system|Cannot open file/i, "store-unavailable"],
  [/database file with version number/i, "store-too-new"],
  [/INTERRUPT/, "query-timeout"],
  [
    /not a valid DuckDB database|corrupt|checksum|Serialization Error|Failure while replaying WAL|magic bytes|Could not read enough bytes/i,
    "store-corrupt",
  ],
];

export function failureOf(error: unknown, file: string): FailureMessage {
  if (error instanceof StoreError) return { code: error.code, message: error.message };
  const text = error instanceof Error ? error.message : String(error);
  const code = PATTERNS.find(([pattern]) => pattern.test(text))?.[1] ?? "store-failed";
  return { code, message: describe(code, text, file) };
}

function describe(code: StoreFailure, text: string, file: string): string {
  switch (code) {
    case "data-directory-in-use":
      return `${file} is in use by another process; a data directory serves one (${text})`;
    case "store-corrupt":
      return `${file} cannot be read (${text}); it is rebuilt from the journal, as far back as that goes, by a start without it`;
    case "store-too-new":
      return `${file} was written by a newer version of this program (${text}); expected one that this version can read`;
    case "store-full":
      return `no room to write ${file} (${text}); the journal keeps what is not stored yet`;
    case "query-timeout":
      return "the query took too long and was stopped; expected a narrower range";
    case "store-unavailable":
    case "store-of-another-journal":
    case "store-gap":
    case "store-rolled-up":
    case "store-ahead-of-journal":
    case "store-unauthorized":
    case "store-version":
    case "store-rejected":
    case "store-unreadable":
    case "query-too-large":
    case "store-failed":
    default:
      return `${file}: ${text}`;
  }
}

/** After these DuckDB refuses everything until the file is opened again. */
export function needsReopening(error: unknown): boolean {
  return error instanceof Error && /database has been invalidated|FATAL|INTERNAL Error/i.test(error.message);
}

export function toOperationalError(failure: FailureMessage): OperationalError {
  return new OperationalError(failure.code, failure.message);
}
