/** Errors as the contract gives them: `{"error":{"code","message","path"}}` with the right status. */
import type { z } from "zod";
import { OperationalError } from "../errors.ts";

export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly path: string };
}

/** Thrown by a route; its message is shown to the caller. `path` is the JSON path or the parameter it is about. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly statusCode: number;
  readonly code: string;
  readonly path: string;
  constructor(statusCode: number, code: string, message: string, path = "") {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.path = path;
  }
}

export function errorBody(code: string, message: string, path = ""): ErrorBody {
  return { error: { code, message, path } };
}

/** What zod found in a body, a query or parameters. */
export function invalid(error: z.core.$ZodError): Problem {
  const [issue] = error.issues;
  if (issue === undefined) return new Problem(400, "invalid", "the request does not match the schema");
  if (issue.code === "unrecognized_keys") {
    const key = [...issue.path, issue.keys[0] ?? ""].join(".");
    return new Problem(400, "invalid", `${key} is not known here`, key);
  }
  return new Problem(400, "invalid", issue.message, issue.path.join("."));
}

/** What the store says of a question, as against its own troubles: for the caller to read. */
const STORE_ANSWERS: Readonly<Record<string, number>> = {
  "cursor-invalid": 400,
  "query-invalid": 400,
  "query-too-large": 400,
  "query-timeout": 503,
  "store-busy": 503,
  "facts-loading": 503,
  "report-busy": 503,
};

const CODES: Readonly<Record<number, string>> = {
  400: "invalid",
  408: "timeout",
  413: "too-large",
  414: "too-large",
  415: "unsupported-media-type",
  431: "too-large",
  503: "unavailable",
};

/** Any error as status and body. Only 4xx of ours or of the framework tell their message; the rest is not for callers. */
export function describeError(error: unknown): { readonly statusCode: number; readonly body: ErrorBody } {
  if (error instanceof Problem) return { statusCode: error.statusCode, body: errorBody(error.code, error.message, error.path) };
  if (error instanceof OperationalError) {
    const statusCode = STORE_ANSWERS[error.code];
    // Other messages name files and addresses, which are for the log.
    if (statusCode === undefined) return { statusCode: 503, body: errorBody(error.code, "a part of the program cannot answer just now") };
    return { statusCode, body: errorBody(error.code, error.message, error.code === "cursor-invalid" ? "after" : "") };
  }
  const statusCode = statusOf(error);
  if (statusCode >= 400 && statusCode < 500 && error instanceof Error) {
    return { statusCode, body: errorBody(CODES[statusCode] ?? "refused", error.message) };
  }
  return { statusCode: 500, body: errorBody("internal", "the program failed to answer; its log says why") };
}

function statusOf(error: unknown): number {
  const status = typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" ? status : 500;
}
