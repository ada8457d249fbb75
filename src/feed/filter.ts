/** Which alerts a client of the feed wants. */
import { PRIORITIES, isAbout } from "../core/effects.ts";
import type { Alert, Priority } from "../core/effects.ts";

export interface Filter {
  /** Equal for equal filters: clients with the same one share the bytes that are sent. */
  readonly key: string;
  wants(alert: Alert): boolean;
}

/** Longest value of a parameter: longer than any district or lift id. */
const VALUE_CHARS = 200;

/** The filter that `priority=critical,high`, `district=…` and `liftId=…` ask for, or what is wrong with them. */
export function parseFilter(query: URLSearchParams): Filter | { readonly problem: string } {
  const priorities = split(query.get("priority"));
  const unknown = priorities.find((name) => !PRIORITIES.includes(name as Priority));
  if (unknown !== undefined) return { problem: `priority: expected ${PRIORITIES.join(", ")}` };
  const wanted = priorities.length === 0 ? null : new Set(priorities);
  const district = query.get("district") ?? "";
  const liftId = query.get("liftId") ?? "";
  if (district.length > VALUE_CHARS || liftId.length > VALUE_CHARS) return { problem: "district, liftId: too long" };
  return {
    key: wanted === null && district === "" && liftId === "" ? "" : JSON.stringify([[...new Set(priorities)].sort(), district, liftId]),
    wants: (alert) =>
      (wanted === null || wanted.has(alert.priority)) &&
      (district === "" || isAbout(alert, "district", district)) &&
      (liftId === "" || isAbout(alert, "lift", liftId)),
  };
}

function split(list: string | null): string[] {
  return (list ?? "")
    .slice(0, VALUE_CHARS)
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
