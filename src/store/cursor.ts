/** Cursors: where a page ended, opaque to callers. */
import { OperationalError } from "../errors.ts";

export type CursorPart = string | number;

export function writeCursor(parts: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** @throws OperationalError `cursor-invalid` when it is not one of ours, or of another query. */
export function readCursor(cursor: string, shape: readonly ("string" | "number")[]): CursorPart[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    parts = null;
  }
  const fits = (part: unknown, index: number) => typeof part === shape[index] && (typeof part === "string" || Number.isSafeInteger(part));
  if (!Array.isArray(parts) || parts.length !== shape.length || !parts.every(fits)) {
    throw new OperationalError(
      "cursor-invalid",
      `after: ${JSON.stringify(cursor.slice(0, 80))} is not a cursor of this query; expected the "next" of a page of it`,
    );
  }
  return parts as CursorPart[];
}
