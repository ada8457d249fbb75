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

/** Codes by which the store refuses a question, as against failing to answer it. */
const REFUSALS: ReadonlySet<string> = new Set(["cursor-invalid", "query-invalid", "query-too-large"]);

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
    // Which of the parts and why is in the log; paths and addresses are not for callers.
    if (!REFUSALS.has(error.code))
      return { statusCode: 503, body: errorBody(error.code, "a part of the program cannot answer just now; try again") };
    return { statusCode: 400, body: errorBody(error.code, error.message, error.code === "cursor-invalid" ? "after" : "") };
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
