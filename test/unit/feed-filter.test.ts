import { expect, test } from "vitest";
import type { Alert } from "../../src/core/effects.ts";
import { parseFilter } from "../../src/feed/filter.ts";
import { anAlert } from "../alert-rows.ts";

function wants(query: string, changes: Partial<Alert>): boolean {
  const filter = parseFilter(new URLSearchParams(query));
  return "wants" in filter && filter.wants(anAlert({ lift: { district: "武江", building: null, firm: null }, ...changes }));
}

test("a filter by district or lift is about the alert's own", () => {
  expect([wants("district=武江", {}), wants("district=浈江", {}), wants("liftId=L1", {}), wants("liftId=L2", {})]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

test("a mass event over several districts reaches whoever watches one of them, or one of its lifts", () => {
  const event: Partial<Alert> = {
    hazard: "mass-event",
    lift: { district: null, building: null, firm: null },
    details: { districts: ["武江", "浈江"], liftIds: ["L1", "L2"] },
  };
  expect([wants("district=浈江", event), wants("district=曲江", event), wants("liftId=L2", event), wants("liftId=L3", event)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});
