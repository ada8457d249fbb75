/** Public histories of real lifts and escalators: they are read as import-events reads them, and what they held back is forecast. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forecast, monthsOf } from "../../bench/forecast.ts";
import { withinDispersion } from "../../src/trends/episodes.ts";

// DC Metro Metrics, Open Database License: not part of the project, so that there may be none here (docs/trends.md says where it comes from).
const root = join(import.meta.dirname, "../..");
const file = join(root, "../shared/data/wmata-2013-2015.csv.gz");
const there = existsSync(file);
if (!there) console.warn("SKIPPED: the public histories are not beside the project; nothing was forecast from real lifts");

/** Nobody kept records in these, though the states before them seem to go on. */
const GAPS = ["2014-07", "2015-01", "2015-02"];

test.skipIf(!there)(
  "real lifts and escalators are forecast better by shrunk rates than by raw ones, and vary less by episodes",
  async () => {
    const all = await monthsOf(file, join(root, "bench/public-histories.yaml"), "UTC", "", GAPS);
    const parts = ["ELEVATOR", "ESCALATOR"].map((part) => all.filter(({ key }) => key.endsWith(part)));
    expect(parts.map(({ length }) => length)).toEqual([276, 615]);
    for (const lifts of parts) {
      for (const what of ["episodes", "faults"] as const) expect(forecast(lifts, what).gainLow).toBeGreaterThan(0);
      const [faults, episodes] = (["faults", "episodes"] as const).map((what) =>
        withinDispersion(lifts.map((lift) => ({ key: lift.key, events: lift[what], exposure: lift.exposure }))),
      );
      expect(faults).toBeGreaterThan(2);
      expect(episodes).toBeLessThan(1.1);
    }
  },
);
