import { expect, test } from "vitest";
import { countFleet } from "../../src/core/fleet.ts";
import type { LiftCondition } from "../../src/core/view.ts";

const lift = (condition: LiftCondition, district: string | null, registered = true) => ({
  condition,
  district,
  registered,
});

test("lifts are counted by state and district, the unregistered among them", () => {
  const { total, districts, timezone } = countFleet(
    [lift("in-service", "武江"), lift("faulted", "武江"), lift("silent", "浈江"), lift("in-service", null, false)],
    "Asia/Shanghai",
  );
  expect(timezone).toBe("Asia/Shanghai");
  expect(total).toEqual({ registered: 3, unregistered: 1, "in-service": 2, faulted: 1, silent: 1, "out-of-service": 0, unseen: 0 });
  expect(districts.map(({ district, counts }) => [district, counts.registered])).toEqual([
    ["武江", 2],
    ["浈江", 1],
    [null, 0],
  ]);
});
