/** Times, stretches and steps of the engineer's pages. */
import { describe, expect, test } from "vitest";
import { held } from "../../dashboards/web/src/engineer/curves.ts";
import { type Asked, askForAlert, stretchFlags } from "../../dashboards/web/src/engineer/range.ts";
import { MARK } from "../../dashboards/web/src/engineer/replay/mark.ts";
import { indexAt, otherSpeed, SPEEDS, stepFrom } from "../../dashboards/web/src/engineer/replay/player.ts";
import type { ExplainedAlert } from "../../dashboards/web/src/engineer/rest.ts";
import { fromZoned, isoZoned, toZoned } from "../../dashboards/web/src/engineer/zoned.ts";

const AT = Date.UTC(2026, 0, 5, 0, 30, 15);

describe("times in the site's zone", () => {
  test("are written and read back, whatever the zone, and carry their offset for the program's flags", () => {
    expect(toZoned(AT, "Asia/Shanghai")).toBe("2026-01-05T08:30:15");
    expect(isoZoned(AT + 400, "Asia/Shanghai")).toBe("2026-01-05T08:30:15+08:00");
    expect(isoZoned(AT, "America/St_Johns")).toBe("2026-01-04T21:00:15-03:30");
    expect(isoZoned(AT, "UTC")).toBe("2026-01-05T00:30:15+00:00");
    for (const zone of ["Asia/Shanghai", "UTC", "America/St_Johns", "Europe/Berlin", "Australia/Lord_Howe"])
      for (let day = 0; day < 365; day += 1) {
        const at = AT + day * 86_400_000;
        expect(fromZoned(toZoned(at, zone), zone), `${zone} ${day}`).toBe(at);
        expect(Date.parse(isoZoned(at, zone))).toBe(at);
      }
  });

  test("are found around a change of the clocks: the first of two, and the one after a gap", () => {
    // 29 March and 25 October 2026 in Berlin.
    expect(fromZoned("2026-10-25T01:59:59", "Europe/Berlin")).toBe(Date.UTC(2026, 9, 24, 23, 59, 59));
    expect(toZoned(fromZoned("2026-10-25T02:30:00", "Europe/Berlin") ?? 0, "Europe/Berlin")).toBe("2026-10-25T02:30:00");
    expect(fromZoned("2026-03-29T03:00:00", "Europe/Berlin")).toBe(Date.UTC(2026, 2, 29, 1));
    expect(fromZoned("soon", "Europe/Berlin")).toBeNull();
  });
});

const query = ({ source }: Asked) => new URL("url" in source ? source.url : "", "http://x").searchParams;

describe("what is asked of the server", () => {
  const alert = {
    id: "A1",
    liftId: "L 1",
    hazard: "overspeed",
    raisedAt: AT,
    detectedAt: AT + 700,
    clearedAt: AT + 9_000,
    around: { from: AT - 120_000, to: AT + 60_000, truncated: false },
    details: {},
  } as unknown as ExplainedAlert;
  test("for an alert is from the lead-in before its evidence to a minute after its end, and the reader is set down before its raise", () => {
    const asked = askForAlert(alert, 600);
    expect(asked).toMatchObject({ alertId: "A1", from: AT - 720_000, to: AT + 9_700 + 60_000, at: AT - 30_000, lifts: ["L 1"] });
    expect(Object.fromEntries(query(asked))).toEqual({ from: String(AT - 720_000), to: String(AT + 69_700), liftId: "L 1" });
    // One that is not over is shown for an hour.
    expect(askForAlert({ ...alert, clearedAt: null }, 600).to).toBe(AT + 700 + 3_660_000);
  });

  test("for a mass event is of as many of its lifts as an address has room for, that of the alert first", () => {
    const liftIds = Array.from({ length: 500 }, (_, index) => `SG-WJ-${1_000 + index}`);
    const asked = askForAlert({ ...alert, hazard: "mass-event", liftId: "SG-WJ-1007", details: { liftIds } }, 120);
    expect(asked.lifts[0]).toBe("SG-WJ-1007");
    expect(new Set(asked.lifts).size).toBe(asked.lifts.length);
    expect(asked.lifts.length).toBeGreaterThan(100);
    expect((query(asked).get("liftId") ?? "").length).toBeLessThanOrEqual(2_000);
  });
});

test("a curve holds its value while the lift says nothing, and to the end", () => {
  const curve = { at: Float64Array.from([0, 1_000, 9_000]), value: Float64Array.from([1, 0, 2]) };
  expect(held(curve, 3_000, 10_000)).toEqual({ at: [0, 1_000, 8_999, 9_000, 10_000], value: [1, 0, 0, 2, 2] });
  expect(held(curve, Infinity, 5_000)).toEqual({ at: [0, 1_000, 9_000], value: [1, 0, 2] });
  expect(held({ at: new Float64Array(0), value: new Float64Array(0) }, 3_000, 10_000)).toEqual({ at: [], value: [] });
});

test("a stretch is spelt as the program's verbs take it", () => {
  expect(stretchFlags(["L1", "L2"], AT, AT + 60_000, "Asia/Shanghai")).toBe(
    "--from 2026-01-05T08:30:15+08:00 --to 2026-01-05T08:31:15+08:00 --lift L1 --lift L2",
  );
});

describe("the replay's clock", () => {
  const track = {
    times: Float64Array.from([10, 10, 20, 30, 30, 40]),
    marks: Uint8Array.from([MARK.other, MARK.tick, MARK.message, MARK.tick, MARK.message, MARK.tick]),
  };

  test("stands after everything that was received by then", () => {
    expect([5, 10, 15, 30, 99].map((at) => indexAt(track, at))).toEqual([0, 2, 2, 5, 6]);
  });

  test("steps from reading to reading over the ticks, both ways", () => {
    expect([0, 1, 3, 5].map((index) => stepFrom(track, index, 1))).toEqual([1, 3, 5, null]);
    expect([6, 5, 3, 1].map((index) => stepFrom(track, index, -1))).toEqual([5, 3, 1, null]);
  });

  test("goes a tenth to a thousand times as fast", () => {
    expect([SPEEDS[0], SPEEDS.at(-1)]).toEqual([0.1, 1_000]);
    expect([otherSpeed(1, 1), otherSpeed(1, -1), otherSpeed(1_000, 1), otherSpeed(0.1, -1)]).toEqual([2, 0.5, 1_000, 0.1]);
  });
});
