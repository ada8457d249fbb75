/** Laws of scoring that hold for any truth and any alerts. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HAZARDS } from "../../src/core/effects.ts";
import { confusions, figures, type Period } from "../../src/score/figures.ts";
import { AlertFold, isProblem, truthOf } from "../../src/score/files.ts";
import { match, type Matching } from "../../src/score/matching.ts";
import { alertLines, at, truthLine } from "../score-files.ts";

const SEED = 20_261_122;
const HOUR: Period = { from: at(0), to: at(3_600) };

// Few lifts, hazards and instants, so that they meet often, and at equal times.
const lift = fc.constantFrom("A", "B", "C");
const hazard = fc.constantFrom(...HAZARDS.slice(0, 2), "mass-event" as const, "silent" as const, "reported-fault" as const);
const second = fc.integer({ min: 0, max: 60 }).map((step) => step * 10);
const truth = fc
  .tuple(fc.oneof(lift, fc.uniqueArray(lift, { minLength: 1 })), hazard, second, second)
  .map(([lifts, name, from, length]) => truthLine(lifts, name, from, from + length));
const optional = fc.option(second, { nil: undefined });
const told = fc
  .tuple(lift, hazard, second, optional, optional, fc.boolean(), fc.option(fc.constantFrom("0", "1", "2"), { nil: undefined }))
  .map(([liftId, name, detectedS, raisedS, lasts, suppressed, groupId]) => ({
    liftId,
    name,
    detectedS,
    raisedS,
    groupId,
    clearedS: lasts === undefined ? undefined : detectedS + lasts,
    suppressedBy: suppressed ? "inspection" : undefined,
  }));
const files = fc.record({ truth: fc.array(truth, { maxLength: 15 }), told: fc.array(told, { maxLength: 15 }) }).map((made) => ({
  truth: made.truth,
  told: made.told.flatMap(({ liftId, name, detectedS, ...rest }, index) => {
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    return alertLines(liftId, name, detectedS, { ...given, id: String(index) });
  }),
}));

function matched(truthLines: readonly string[], alertsLines: readonly string[]): Matching {
  const fold = new AlertFold();
  for (const line of alertsLines) expect(fold.add(line)).toBeNull();
  const events = truthLines.map((line) => {
    const event = truthOf(line);
    if (isProblem(event)) throw new Error(event.problem);
    return event;
  });
  return match(events, fold.alerts(), 10_000);
}

test("found and missed make up the events, the verdicts make up the alerts, and the rows make up the last one", () => {
  fc.assert(
    fc.property(files, (made) => {
      const matching = matched(made.truth, made.told);
      const rows = figures(matching, HOUR, 1);
      const all = rows.at(-1);
      for (const row of rows) {
        expect(row.found + row.missed + row.notJudged).toBe(row.events);
        expect(row.right + row.repeats + row.confused + row.false).toBe(row.alerts);
        expect(row.right === 0 || row.found > 0).toBe(true);
        for (const share of [row.recall, row.precision]) {
          if (share === null) continue;
          expect(share.low >= 0 && share.low <= share.value && share.value <= share.high && share.high <= 1).toBe(true);
        }
      }
      expect(all).toMatchObject({ events: made.truth.length, falsePerLiftDay: all?.false });
      const sum = (key: "events" | "found" | "alerts" | "suppressed" | "owned"): number =>
        rows.slice(0, -1).reduce((total, row) => total + row[key], 0);
      for (const key of ["events", "found", "alerts", "suppressed", "owned"] as const) expect(sum(key)).toBe(all?.[key]);
      expect((all?.alerts ?? 0) + (all?.suppressed ?? 0) + (all?.owned ?? 0)).toBe(matching.alerts.length);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test("the order of the lines, in either file, does not matter", () => {
  const shuffled = files.chain((made) =>
    fc.record({
      made: fc.constant(made),
      truth: fc.shuffledSubarray(made.truth, { minLength: made.truth.length }),
      told: fc.shuffledSubarray(made.told, { minLength: made.told.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ made, truth: truthLines, told: alertsLines }) => {
      const [one, other] = [matched(made.truth, made.told), matched(truthLines, alertsLines)];
      expect(figures(other, HOUR, 1)).toEqual(figures(one, HOUR, 1));
      expect(confusions(other)).toEqual(confusions(one));
    }),
    { seed: SEED, numRuns: 300 },
  );
});
