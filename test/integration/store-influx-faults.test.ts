/** The InfluxDB store behind a proxy that stalls, resets and answers 500, 429 and 503, and before an influxd that is killed again and again. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { openInfluxStore } from "../../dist/src/store/influx/influx.js";
import type { ThreadedStore } from "../../dist/src/store/threaded.js";
import { alert, batch, change, dayCount } from "../contract/store-rows.ts";
import { batchAt, changeOf, LIFTS, readingsOf } from "../crash/store-kill-rows.ts";
import { influxdMissing, influxql, type Server, startInfluxd } from "../program/databases.ts";
import { FaultProxy } from "../program/fault-proxy.ts";
import type { Fault } from "../program/fault-proxy.ts";
import { randomFrom } from "../property/journal-disk.ts";

const SEED = 20_261_122;
const ENTRIES = 1_500;
const FAULTS: readonly Fault[] = ["stall", "reset", "lose-answer", 500, 429, 503];

let influxd: Server;
/** A database for each test. */
let bucket = "";
let buckets = 0;

const cleanUps: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  bucket = `hoistway-${++buckets}`;
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** How long a request may take: so short that a stall costs little, or so long that a busy machine does not matter. */
const HASTY_MS = 150;
const PATIENT_MS = 30_000;

async function open(url: string, requestMs: number): Promise<ThreadedStore> {
  const store = await openInfluxStore({
    url,
    version: 1,
    bucket,
    org: "",
    token: "",
    username: "",
    password: "",
    journalId: "faults",
    journalEnd: Number.MAX_SAFE_INTEGER,
    timezone: "Asia/Shanghai",
    readingsDays: null,
    minutesDays: null,
    requestMs,
  });
  cleanUps.push(() => store.close());
  return store;
}

/** Writes the batch after the store's offset until it is in. */
async function writeNext(store: ThreadedStore): Promise<number> {
  const { offset } = store;
  let failures = 0;
  await vi.waitFor(
    async () => {
      if (store.offset > offset) return;
      await store.write(batchAt(store.offset + 1)).catch((error: unknown) => {
        failures++;
        throw error;
      });
    },
    { timeout: 60_000, interval: 5 },
  );
  return failures;
}

/** Everything that the entries up to the offset brought about, once, by the store and by InfluxQL from outside. */
async function expectExact(store: ThreadedStore, url: string): Promise<void> {
  const { offset } = store;
  const entries = Array.from({ length: offset }, (_, index) => index + 1);
  const expected = entries.flatMap(readingsOf);
  expect(store.storedReadings).toBe(expected.length);
  for (let lift = 0; lift < LIFTS; lift++) {
    const { rows } = await store.readings({ liftId: `L${lift}`, limit: 100_000 });
    expect(rows).toEqual(expected.filter(({ liftId }) => liftId === `L${lift}`));
  }
  const counted = await influxql(url, `SELECT count("entry") FROM lift_reading`, bucket, "readings");
  expect(counted.values[0]![1]).toBe(expected.length);
  const changes = entries.map(changeOf).filter((row) => row !== null);
  expect(await store.changesAfter(0, 10_000)).toEqual(changes);
  const newest = new Map(changes.map(({ alert: one }) => [one.id, one]));
  const { rows: alerts } = await store.alerts({ limit: 100 });
  expect(new Map(alerts.map((one) => [one.id, one]))).toEqual(newest);
  expect(alerts).toHaveLength(newest.size);
  expect((await store.quarantined(1_000)).map(({ entry }) => entry)).toEqual(entries.filter((entry) => entry % 25 === 0).toReversed());
  expect((await store.days({})).map(({ readings }) => readings)).toEqual(Array.from({ length: LIFTS }, () => offset));
}

/** Rows that are replaced, with so many counted. */
function counts(readings: number) {
  return {
    days: [dayCount("2026-11-22", "L1", readings)],
    changes: [change(readings, "updated", alert("A", { occurrences: readings }), { seq: readings })],
  };
}

describe.skipIf(influxdMissing())("the InfluxDB store", () => {
  beforeAll(async () => {
    influxd = await startInfluxd();
  });
  afterAll(() => influxd[Symbol.asyncDispose]());

  test(`whatever the network does to its requests, nothing is lost, doubled or set back (seed ${SEED})`, async () => {
    const random = randomFrom(SEED);
    await using proxy = await FaultProxy.start(influxd.port);
    let store = await open(proxy.url, HASTY_MS);
    let failures = 0;
    let released = 0;
    const calm = new AbortController();
    // Faults come and go by the turns of requests, not of a clock.
    const weather = (async () => {
      while (!calm.signal.aborted) {
        proxy.fault = random() < 0.5 ? "pass" : FAULTS[Math.floor(random() * FAULTS.length)]!;
        const before = [...proxy.met.values()].reduce((sum, count) => sum + count, 0);
        const turns = 1 + Math.floor(random() * 6);
        await vi.waitFor(
          () => {
            const now = [...proxy.met.values()].reduce((sum, count) => sum + count, 0);
            if (now < before + turns && !calm.signal.aborted) throw new Error("no request yet");
          },
          { timeout: 60_000, interval: 2 },
        );
        // What was given up long ago arrives after all.
        if (random() < 0.3) released += await proxy.release();
      }
    })();
    while (store.offset < ENTRIES) {
      failures += await writeNext(store);
      if (random() < 0.1) {
        await store.close();
        // Whether it is reached now or later.
        store = await open(proxy.url, HASTY_MS);
      }
    }
    calm.abort();
    proxy.fault = "pass";
    await weather;
    released += await proxy.release();
    // Looked at with all the time it takes.
    await store.close();
    store = await open(influxd.url, PATIENT_MS);
    const where = `${failures} failed writes, ${released} requests that arrived late, ${JSON.stringify([...proxy.met])}`;
    await expectExact(store, influxd.url);
    // The test has seen something.
    expect(failures, where).toBeGreaterThan(20);
    expect(released, where).toBeGreaterThan(3);
    for (const fault of FAULTS) expect(proxy.met.get(fault), where).toBeGreaterThan(2);
    console.info(where);
  }, 240_000);

  test("a request that was given up and arrives late replaces nothing newer", async () => {
    await using proxy = await FaultProxy.start(influxd.port);
    const store = await open(proxy.url, 1_500);
    await store.write(batch(1, 10, counts(1)));
    proxy.fault = "stall";
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(store.write(batch(11, 20, counts(2)))).rejects.toMatchObject({ code: "store-unavailable" });
    proxy.fault = "pass";
    await store.write(batch(11, 30, counts(3)));
    expect(await proxy.release()).toBeGreaterThan(2);
    expect((await store.days({})).map(({ readings }) => readings)).toEqual([3]);
    expect((await store.alerts({ limit: 10 })).rows.map(({ occurrences }) => occurrences)).toEqual([3]);
    await store.close();
    const again = await open(influxd.url, PATIENT_MS);
    expect(again.offset).toBe(30);
    expect((await again.days({})).map(({ readings }) => readings)).toEqual([3]);
  });

  test("a server that asks for rest with a 429 gets it, and a stop does not wait for it", async () => {
    await using proxy = await FaultProxy.start(influxd.port);
    const store = await open(proxy.url, PATIENT_MS);
    proxy.retryAfterS = 1;
    await store.write(batch(1, 10));
    proxy.fault = 429;
    await expect(store.write(batch(11, 20))).rejects.toMatchObject({
      code: "store-unavailable",
      message: expect.stringMatching(/429 made up/),
    });
    proxy.fault = "pass";
    const began = performance.now();
    await store.write(batch(11, 20));
    expect(performance.now() - began).toBeGreaterThan(500);
    proxy.fault = 429;
    await expect(store.write(batch(21, 30))).rejects.toMatchObject({ code: "store-unavailable" });
    const waiting = store.write(batch(21, 30));
    const closing = performance.now();
    await Promise.all([store.close(), expect(waiting).rejects.toMatchObject({ code: "store-unavailable" })]);
    expect(performance.now() - closing).toBeLessThan(5_000);
  });

  test(`an influxd that is killed while it is written to has everything in the end (seed ${SEED})`, async () => {
    const random = randomFrom(SEED);
    const store = await open(influxd.url, PATIENT_MS);
    let failures = 0;
    for (let kill = 0; kill < 5; kill++) {
      const goal = store.offset + 500;
      while (store.offset < goal) failures += await writeNext(store);
      const turns = Math.floor(random() * 20);
      const writing = writeNext(store);
      await new Promise<void>((resolve) => spin(turns, resolve));
      await influxd.kill("SIGKILL");
      await influxd.start();
      failures += await writing;
    }
    await expectExact(store, influxd.url);
    expect(failures).toBeGreaterThan(0);
  }, 180_000);
});

/** So many turns of the event loop, so that a kill comes at no tidy moment. */
function spin(left: number, done: () => void): void {
  if (left === 0) done();
  else setImmediate(() => spin(left - 1, done));
}
