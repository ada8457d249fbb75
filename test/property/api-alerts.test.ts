import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alertPage } from "../../src/api/alert-page.ts";
import { liftPage } from "../../src/api/lift-page.ts";
import { HAZARDS } from "../../src/core/effects.ts";
import type { Alert } from "../../src/core/effects.ts";
import { LIFT_CONDITIONS } from "../../src/core/view.ts";
import type { AlertsQuery } from "../../src/store/store.ts";
import { makeAlert, makeLift, pageOf } from "../integration/api-double.ts";

const alerts = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 60 }).map((n) => `A${String(n).padStart(3, "0")}`),
      // Few times, so that many alerts share one.
      raisedAt: fc.integer({ min: 0, max: 4 }),
      hazard: fc.constantFrom(...HAZARDS.slice(0, 2)),
      liftId: fc.constantFrom("L1", "L2"),
      stored: fc.constantFrom("active", "cleared", "missing"),
      newest: fc.constantFrom("active", "cleared"),
      recent: fc.boolean(),
    }),
    { selector: ({ id }) => id, maxLength: 40 },
  )
  .map((rows) =>
    rows.map(({ stored, newest, recent, ...fields }) => {
      // What is active, is missing in the store, or differs from it, is among the recent ones: that is what the backend promises.
      const isRecent = recent || newest === "active" || stored !== newest;
      const now = makeAlert(fields.id, { ...fields, state: newest, occurrences: 2 });
      return { now, isRecent, old: stored === "missing" ? null : isRecent ? { ...now, state: stored, occurrences: 1 } : now };
    }),
  );

const filters = fc.record(
  {
    state: fc.constantFrom("active" as const, "cleared" as const),
    hazard: fc.constantFrom(...HAZARDS.slice(0, 2)),
    liftId: fc.constantFrom("L1", "L2"),
    from: fc.integer({ min: 0, max: 5 }),
    to: fc.integer({ min: 0, max: 5 }),
  },
  { requiredKeys: [] },
);

describe("pages of alerts", () => {
  test("followed to the end, give exactly the newest versions that match, in order, each once", async () => {
    let pages = 0;
    await fc.assert(
      fc.asyncProperty(alerts, filters, fc.integer({ min: 1, max: 7 }), async (rows, filter, limit) => {
        const stored = rows.flatMap(({ old }) => (old === null ? [] : [old]));
        const recent = rows.filter(({ isRecent }) => isRecent).map(({ now }) => now);
        const store = { alerts: async (query: AlertsQuery) => pageOf(stored, query) };
        const seen: Alert[] = [];
        let after: string | undefined;
        do {
          const page = await alertPage(store, recent, { ...filter, limit, after });
          expect(page.rows.length).toBeLessThanOrEqual(limit);
          expect(page.next === null || page.rows.length === limit).toBe(true);
          seen.push(...page.rows);
          after = page.next ?? undefined;
          pages += 1;
        } while (after !== undefined);
        const everything = pageOf(
          rows.map(({ now }) => now),
          { ...filter, limit: 1_000 },
        );
        expect(seen).toEqual(everything.rows);
      }),
      { numRuns: 500 },
    );
    expect(pages).toBeGreaterThan(500);
  });

  test("refuse a cursor that is none", async () => {
    const store = { alerts: async (query: AlertsQuery) => pageOf([], query) };
    for (const after of ["", "x", "1", "1.", ".A", "1.A B", "#3"]) {
      await expect(alertPage(store, [], { limit: 1, after }), after).rejects.toMatchObject({ statusCode: 400, path: "after" });
    }
  });
});

describe("pages of lifts", () => {
  test("followed to the end, give every lift that matches once, by id, whatever order the monitor has them in", async () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom("A", "b", "_", "-", "9") }), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(
        ids,
        fc.array(fc.nat(4), { minLength: 30, maxLength: 30 }),
        fc.option(fc.constantFrom(...LIFT_CONDITIONS), { nil: undefined }),
        fc.integer({ min: 1, max: 6 }),
        async (liftIds, states, state, limit) => {
          const lifts = new Map(liftIds.map((id, at) => [id, makeLift(id, { state: LIFT_CONDITIONS[states[at] ?? 0] ?? "unseen" })]));
          const monitor = { liftIds: () => liftIds, lift: (id: string) => lifts.get(id) ?? null };
          const seen: string[] = [];
          let after: string | undefined;
          do {
            const page = await liftPage(monitor, { state, limit, after });
            seen.push(...page.rows.map(({ liftId }) => liftId));
            after = page.next ?? undefined;
          } while (after !== undefined);
          const expected = [...lifts.values()].filter((lift) => state === undefined || lift.state === state).map(({ liftId }) => liftId);
          expect(seen).toEqual(expected.sort());
        },
      ),
    );
  });

  test("go on after a lift that has gone meanwhile", async () => {
    const monitor = { liftIds: () => ["A", "C"], lift: (id: string) => makeLift(id) };
    const page = await liftPage(monitor, { limit: 5, after: "B" });
    expect(page.rows.map(({ liftId }) => liftId)).toEqual(["C"]);
  });
});
