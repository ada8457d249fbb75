/** The InfluxDB store against a real influxd: the contract of every store, and what only this one promises. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openInfluxStore } from "../../src/store/influx/influx.ts";
import type { InfluxStoreOptions } from "../../src/store/influx/influx.ts";
import type { ThreadedStore } from "../../src/store/threaded.ts";
import { influxdMissing, influxql, startInfluxd } from "../program/databases.ts";
import type { Server } from "../program/databases.ts";
import { alert, batch, change, DAY, DAY_MS, dayCount, everyReading, quarantined, stored } from "./store-rows.ts";
import { storeContract } from "./store-suite.ts";

const skip = influxdMissing();
let influxd: Server;
let databases = 0;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!skip) influxd = await startInfluxd();
}, 30_000);
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});
afterAll(async () => {
  if (!skip) await influxd[Symbol.asyncDispose]();
});

function options(bucket: string, more: Partial<InfluxStoreOptions> = {}): InfluxStoreOptions {
  return {
    url: influxd.url,
    version: 1,
    bucket,
    org: "",
    token: "",
    username: "",
    password: "",
    journalId: "journal-1",
    journalEnd: Number.MAX_SAFE_INTEGER,
    timezone: "Asia/Shanghai",
    readingsDays: null,
    minutesDays: null,
    ...more,
  };
}

async function open(bucket: string, more: Partial<InfluxStoreOptions> = {}): Promise<ThreadedStore> {
  const store = await openInfluxStore(options(bucket, more));
  cleanUps.push(() => store.close());
  return store;
}

describe.skipIf(skip)("with influxd", () => {
  storeContract("the InfluxDB store", async () => {
    const bucket = `contract ${databases++}`;
    let store = await openInfluxStore(options(bucket));
    return {
      journalId: "journal-1",
      store,
      async reopen() {
        await store.close();
        store = await openInfluxStore(options(bucket));
        return store;
      },
      async dispose() {
        await store.close();
        await influxql(influxd.url, `DROP DATABASE "${bucket}"`);
      },
    };
  });
});

function bucketOfTest(): string {
  return `bucket-${databases++}`;
}

describe.skipIf(skip)("the InfluxDB store", () => {
  test("what the server refuses goes to the quarantine with its words, and everything else of the batch is in", async () => {
    const bucket = bucketOfTest();
    const store = await open(bucket);
    const other = `lift_reading,channel=speed,liftId=other levelOffsetMm="text" ${DAY}000000`;
    expect((await fetch(`${influxd.url}/write?db=${bucket}&rp=readings`, { method: "POST", body: other })).status).toBe(204);
    const readings = Array.from({ length: 500 }, (_, index) =>
      stored(
        index + 1,
        "speed",
        { at: DAY + index, seq: index, speedMps: 1, ...(index % 100 === 50 ? { levelOffsetMm: 3 } : {}) },
        { index: 7 },
      ),
    );
    await store.write(batch(1, 500, { readings, quarantined: [quarantined(4)] }));
    expect(store.offset).toBe(500);
    expect(store.storedReadings).toBe(500);
    const { rows } = await store.readings({ liftId: "L1", limit: 1_000 });
    expect(rows).toStrictEqual(readings.filter((_, index) => index % 100 !== 50));
    const rejected = await store.quarantined(100);
    expect(rejected.map(({ entry }) => entry)).toEqual([451, 351, 251, 151, 51, 4]);
    expect(rejected[0]).toMatchObject({
      index: 7,
      receivedAt: DAY + 451,
      topic: "lifts/L1/speed",
      source: "store",
      reason: "store-rejected",
      message: expect.stringMatching(/field type conflict.*levelOffsetMm/),
      excerpt: expect.stringMatching(/^lift_reading,channel=speed,liftId=L1 entry=451i/),
    });
  });

  test("a server that refuses more than a few lines is what is wrong, not the lines: nothing moves, and it is told", async () => {
    const bucket = bucketOfTest();
    const store = await open(bucket);
    const other = `lift_reading,channel=speed,liftId=other speedMps="text" ${DAY}000000`;
    await fetch(`${influxd.url}/write?db=${bucket}&rp=readings`, { method: "POST", body: other });
    const readings = Array.from({ length: 300 }, (_, index) => stored(index + 1, "speed", { at: DAY + index, seq: index, speedMps: 1 }));
    await expect(store.write(batch(1, 300, { readings }))).rejects.toMatchObject({
      code: "store-rejected",
      message: expect.stringMatching(/more than 100 lines.*field type conflict/),
    });
    expect(store.offset).toBe(0);
    await influxql(influxd.url, "DROP MEASUREMENT lift_reading", bucket, "readings");
    await store.write(batch(1, 300, { readings }));
    expect((await store.readings({ liftId: "L1", limit: 1_000 })).rows).toStrictEqual(readings);
  });

  test("it makes the policies that the settings ask for, and changes them when those change", async () => {
    const bucket = bucketOfTest();
    const policies = async () =>
      (await influxql(influxd.url, `SHOW RETENTION POLICIES ON "${bucket}"`)).values.map((row) => row.slice(0, 3));
    await (await openInfluxStore(options(bucket, { readingsDays: 30, minutesDays: 730 }))).close();
    expect(await policies()).toEqual([
      ["keep", "0s", "8736h0m0s"],
      ["readings", "936h0m0s", "24h0m0s"],
      ["minutes", "17712h0m0s", "168h0m0s"],
    ]);
    await (await openInfluxStore(options(bucket, { readingsDays: 1, minutesDays: null }))).close();
    expect(await policies()).toEqual([
      ["keep", "0s", "8736h0m0s"],
      ["readings", "384h0m0s", "24h0m0s"],
      ["minutes", "0s", "168h0m0s"],
    ]);
  });

  test("rows that are too old to be kept are dropped by the server and hold nothing up", async () => {
    const store = await open(bucketOfTest(), { readingsDays: 30 });
    const today = Date.now();
    const readings = [today - 400 * DAY_MS, today].map((at, place) =>
      stored(place + 1, "door", { at, seq: place, state: "open" }, { receivedAt: at }),
    );
    await store.write(batch(1, 2, { readings }));
    expect(store.offset).toBe(2);
    expect((await store.readings({ liftId: "L1", limit: 10 })).rows).toStrictEqual(readings.slice(1));
    expect(await store.quarantined(10)).toEqual([]);
  });

  test("readings, day counts and changes are where any other tool finds them, the days at the site's midnight", async () => {
    const bucket = bucketOfTest();
    const store = await open(bucket, { timezone: "America/New_York" });
    const readings = everyReading();
    const days = ["2026-11-01", "2026-11-02", "2026-03-08", "2026-03-09"].map((day, place) => dayCount(day, "L1", place));
    const changes = [change(1, "raised", alert("A"), { seq: 3 }), change(2, "cleared", alert("A", { state: "cleared" }), { seq: 4 })];
    await store.write(batch(1, 20, { readings, days, changes }));
    const counted = await influxql(influxd.url, `SELECT count("entry") FROM lift_reading WHERE time > 0`, bucket, "readings");
    expect(counted.values[0]![1]).toBe(12);
    const speeds = await influxql(influxd.url, `SELECT "speedMps" FROM lift_reading WHERE "liftId" = 'L1'`, bucket, "readings");
    expect(speeds.values).toEqual([
      [DAY + 2, -1.75],
      [DAY + 3, 0],
    ]);
    const midnights = await influxql(influxd.url, `SELECT "day", "faults" FROM lift_day WHERE "liftId" = 'L1'`, bucket);
    expect(midnights.values.map(([time, day]) => [new Date(Number(time)).toISOString(), day])).toEqual([
      ["2026-03-08T05:00:00.000Z", "2026-03-08"],
      ["2026-03-09T04:00:00.000Z", "2026-03-09"],
      ["2026-11-01T04:00:00.000Z", "2026-11-01"],
      ["2026-11-02T05:00:00.000Z", "2026-11-02"],
    ]);
    const byDay = `SELECT sum("faults") FROM lift_day WHERE time >= '2026-03-08T05:00:00Z' AND time < '2026-03-10T04:00:00Z' GROUP BY time(1d) tz('America/New_York')`;
    expect((await influxql(influxd.url, byDay, bucket)).values.map(([, faults]) => faults)).toEqual([3, 3]);
    const told = await influxql(
      influxd.url,
      `SELECT "change", "priority" FROM alert_change WHERE "hazard" = 'overspeed' AND "district" = '武江'`,
      bucket,
    );
    expect(told.values.map((row) => row.slice(1))).toEqual([
      ["raised", "high"],
      ["cleared", "high"],
    ]);
  });

  test("a server that cannot be reached is no error at the start; the store finds out what it has when the server is there", async () => {
    const bucket = bucketOfTest();
    await using own = await startInfluxd();
    const first = await openInfluxStore({ ...options(bucket), url: own.url });
    await first.write(batch(1, 20, { readings: everyReading() }));
    await first.close();
    await own.kill("SIGKILL");
    const store = await openInfluxStore({ ...options(bucket), url: own.url });
    cleanUps.push(() => store.close());
    expect(store.known).toBe(false);
    expect(store.offset).toBe(0);
    await expect(store.readings({ liftId: "L1", limit: 10 })).rejects.toMatchObject({ code: "store-unavailable" });
    await expect(store.write(batch(1, 5))).rejects.toMatchObject({ code: "store-unavailable" });
    await own.start();
    await store.write(batch(1, 5));
    expect(store.known).toBe(true);
    expect(store.offset).toBe(20);
    expect(store.storedReadings).toBe(12);
    expect((await store.readings({ liftId: "L1", limit: 100 })).rows).toStrictEqual(everyReading());
  });

  test("a bucket of another journal, and one that knows more than the journal, are refused and left as they are", async () => {
    const bucket = bucketOfTest();
    const store = await open(bucket);
    await store.write(batch(1, 20));
    await expect(openInfluxStore(options(bucket, { journalId: "journal-2" }))).rejects.toMatchObject({
      code: "store-of-another-journal",
      message: expect.stringMatching(/journal-1.*journal-2/),
    });
    await expect(openInfluxStore(options(bucket, { journalEnd: 19 }))).rejects.toMatchObject({
      code: "store-ahead-of-journal",
      message: expect.stringMatching(/20.*19/),
    });
    await store.write(batch(21, 22));
    expect(store.offset).toBe(22);
  });

  test("another generation than the server's is refused with both named", async () => {
    await expect(openInfluxStore(options(bucketOfTest(), { version: 2, token: "t", org: "o" }))).rejects.toMatchObject({
      code: "store-version",
      message: expect.stringMatching(/1\.6\.7.*--influx-version is 2, expected 1/),
    });
  });

  test("with users it signs in, and says what a user may not do; no message has the password", async () => {
    await using own = await startInfluxd({ auth: true });
    const authorization = `Basic ${Buffer.from("root:root-password").toString("base64")}`;
    const asRoot = (query: string) => influxql(own.url, query, "site", "keep", authorization);
    await influxql(own.url, `CREATE USER root WITH PASSWORD 'root-password' WITH ALL PRIVILEGES`);
    await asRoot(`CREATE USER writer WITH PASSWORD 'secret-of-writer'`);
    const site = { ...options("site"), url: own.url, username: "writer", password: "secret-of-writer" };
    const refused = async (more: Partial<InfluxStoreOptions>) => {
      const error = await openInfluxStore({ ...site, ...more }).then(
        () => null,
        (reason: unknown) => reason as { code: string; message: string },
      );
      expect(error).toMatchObject({ code: "store-unauthorized" });
      expect(error!.message).not.toContain("secret-of-writer");
      return error!.message;
    };
    expect(await refused({ password: "wrong" })).toMatch(/401/);
    expect(await refused({ username: "", password: "" })).toMatch(/401/);
    expect(await refused({})).toMatch(/may not run CREATE DATABASE/);
    await (await openInfluxStore({ ...site, username: "root", password: "root-password" })).close();
    await asRoot(`GRANT ALL ON "site" TO writer`);
    const store = await openInfluxStore(site);
    await store.write(batch(1, 20, { readings: everyReading() }));
    expect((await store.readings({ liftId: "L1", limit: 100 })).rows).toStrictEqual(everyReading());
    await store.close();
  });

  test("a page of fifty thousand readings is whole, and a batch of as many too", async () => {
    const store = await open(bucketOfTest());
    const readings = Array.from({ length: 50_000 }, (_, index) =>
      stored(index + 1, "speed", { at: DAY + Math.floor(index / 3), seq: index, speedMps: (index % 300) / 100 }),
    );
    await store.write(batch(1, 50_000, { readings }));
    const { rows, next } = await store.readings({ liftId: "L1", limit: 50_000 });
    expect(next).toBeNull();
    expect(rows).toEqual(readings);
  });
});
