/** The benches that start whole programs, in a tiny configuration: that they run is what is tested, not how fast. */
import { describe, expect, it } from "vitest";
import { benchIngest } from "../../bench/ingest.ts";
import { benchProfile } from "../../bench/profile.ts";
import { benchStoreInflux } from "../../bench/store-influx.ts";
import { benchStoreTrends } from "../../bench/store-trends.ts";
import { problemsOf } from "../bench-rows.ts";
import { influxdMissing } from "../program/databases.ts";
import { mosquittoMissing } from "../program/mosquitto.ts";

describe.skipIf(mosquittoMissing())("the bench of the whole path against mosquitto and a script", () => {
  it("runs both sides, and neither loses a reading that it acknowledged at a rate like this", async () => {
    const rows = await benchIngest({
      lifts: 20,
      connections: 20,
      rate: 1_000,
      rounds: 1,
      seconds: 1,
      ladder: [1_000],
      stepSeconds: 0.5,
      batch: 5,
    });
    expect(problemsOf(rows, /^ingest: /)).toEqual([]);
    const lost = rows.filter(({ name }) => name.includes("acknowledged and never judged"));
    expect(lost.map(({ value }) => value)).toEqual([0, 0]);
  });
});

describe("the profile of the main thread", () => {
  it("names its areas, and they make up the whole", async () => {
    const rows = await benchProfile({ lifts: 20, connections: 20, rate: 1_000, seconds: 1 });
    expect(problemsOf(rows, /^profile: /)).toEqual([]);
    const shares = rows.filter(({ unit }) => unit === "%").map(({ value }) => value);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 6);
  });
});

describe.skipIf(influxdMissing())("the benches of the InfluxDB store", () => {
  it("write with the store and with a script, and the store loses nothing while influxd is away", async () => {
    const rows = await benchStoreInflux({ readings: 25_000, outageMs: 200 });
    expect(problemsOf(rows, /^store: InfluxDB, /)).toEqual([]);
    expect(rows.filter(({ name }) => name.includes("lost")).map(({ value }) => value)).toEqual([0, 0]);
  });

  it("ask both stores about trends", async () => {
    const rows = await benchStoreTrends({ lifts: 40, days: 5 });
    expect(problemsOf(rows, /^store: 5 days of 40 lifts/)).toEqual([]);
    expect(rows).toHaveLength(5);
  });
});
