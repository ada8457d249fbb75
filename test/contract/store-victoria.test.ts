/** A mirror in a real VictoriaMetrics: written to by the InfluxDB store's line protocol, read back by its own export. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { openInfluxMirror, openInfluxStore } from "../../src/store/influx/influx.ts";
import { startVictoria, victoriaMissing } from "../program/databases.ts";
import type { Server } from "../program/databases.ts";
import { FaultProxy } from "../program/fault-proxy.ts";
import { alert, batch, change, DAY, dayCount, everyReading, quarantined, stored } from "./store-rows.ts";

const skip = victoriaMissing();
let victoria: Server;
let lifts = 0;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!skip) victoria = await startVictoria();
}, 30_000);
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});
afterAll(async () => {
  if (!skip) await victoria[Symbol.asyncDispose]();
});

async function directory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "hoistway-mirror-"));
  cleanUps.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function open(dir: string, more: { url?: string; journalId?: string; journalEnd?: number; version?: 1 | 2 } = {}) {
  const mirror = await openInfluxMirror({
    url: victoria.url,
    version: 2,
    bucket: "hoistway",
    org: "",
    token: "",
    username: "",
    password: "",
    journalId: "journal-1",
    journalEnd: Number.MAX_SAFE_INTEGER,
    timezone: "Asia/Shanghai",
    file: join(dir, "mirror", "reached.json"),
    ...more,
  });
  cleanUps.push(() => mirror.close());
  return mirror;
}

/** Samples of one metric of a lift, as [ms, value]. VictoriaMetrics shows what it took after a second or so. */
async function samples(metric: string, liftId: string, expected: number): Promise<[number, number][]> {
  let found: [number, number][] = [];
  await vi.waitFor(
    async () => {
      await fetch(`${victoria.url}/internal/force_flush`);
      const body = new URLSearchParams({ "match[]": `${metric}{liftId="${liftId}"}`, start: "0", end: "9000000000" });
      const text = await (await fetch(`${victoria.url}/api/v1/export`, { method: "POST", body })).text();
      const series = text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { timestamps: number[]; values: number[] });
      found = series.flatMap(({ timestamps, values }) =>
        timestamps.map((at, index): [number, number] => [at, values[index] ?? Number.NaN]),
      );
      if (found.length < expected) throw new Error(`${found.length} samples of ${metric}; expected ${expected}`);
    },
    { timeout: 15_000, interval: 100 },
  );
  return found.toSorted(([a], [b]) => a - b);
}

function liftOfTest(): string {
  return `V${lifts++}`;
}

describe.skipIf(skip)("a mirror in VictoriaMetrics", () => {
  test("has every number of every reading at its device time, and what the readings add up to", async () => {
    const liftId = liftOfTest();
    const mirror = await open(await directory());
    const readings = everyReading().map((reading) => ({ ...reading, liftId }));
    await mirror.write(
      batch(1, 20, {
        readings,
        days: [dayCount("2026-11-22", liftId, 12)],
        changes: [change(1, "raised", alert("A", { liftId }), { seq: 3 })],
        quarantined: [quarantined(4)],
      }),
    );
    expect(mirror.offset).toBe(20);
    expect(mirror.storedReadings).toBe(12);
    expect(await samples("lift_reading_entry", liftId, 12)).toEqual(readings.map(({ reading, entry }) => [reading.at, entry]));
    expect(await samples("lift_reading_speedMps", liftId, 2)).toEqual([
      [DAY + 2, -1.75],
      [DAY + 3, 0],
    ]);
    // VictoriaMetrics rounds to some fifteen digits; the stores do not.
    expect((await samples("lift_reading_positionM", liftId, 1))[0]![1]).toBeCloseTo(0.1 + 0.2, 14);
    expect(await samples("lift_reading_powered", liftId, 1)).toEqual([[DAY + 6, 0]]);
    expect(await samples("lift_reading_persons", liftId, 2)).toEqual([
      [DAY + 6, 3],
      [DAY + 8, 0],
    ]);
    expect(await samples("lift_day_faults", liftId, 1)).toEqual([[Date.UTC(2026, 10, 21, 16), 3]]);
    expect(await samples("alert_change_n", liftId, 1)).toEqual([[DAY + 1, 1]]);
  });

  test("goes on where it was after a restart, begins anew for another journal or another past, and refuses a gap", async () => {
    const dir = await directory();
    const liftId = liftOfTest();
    const reading = (entry: number) => stored(entry, "speed", { at: DAY + entry, seq: entry, speedMps: entry }, { liftId });
    const first = await open(dir);
    await first.write(batch(1, 10, { readings: [reading(1)] }));
    await expect(first.write(batch(12, 20))).rejects.toMatchObject({ code: "store-gap" });
    await first.close();
    const second = await open(dir);
    expect(second.offset).toBe(10);
    await second.write(batch(5, 10, { readings: [reading(7)] }));
    await second.write(batch(11, 20, { readings: [reading(11)] }));
    await second.close();
    expect((await open(dir, { journalId: "journal-2" })).offset).toBe(0);
    expect((await open(dir, { journalEnd: 19 })).offset).toBe(0);
    expect((await open(dir, { url: `${victoria.url}/elsewhere`.replace("127.0.0.1", "localhost") })).offset).toBe(0);
    expect((await open(dir, { journalEnd: 20 })).offset).toBe(20);
    expect(await samples("lift_reading_speedMps", liftId, 2)).toEqual([
      [DAY + 1, 1],
      [DAY + 11, 11],
    ]);
    expect(JSON.parse(await readFile(join(dir, "mirror", "reached.json"), "utf8"))).toMatchObject({ offset: 20, journalId: "journal-1" });
  });

  test("a batch whose answer was lost is written again and is there once", async () => {
    await using proxy = await FaultProxy.start(victoria.port);
    const liftId = liftOfTest();
    const mirror = await open(await directory(), { url: proxy.url });
    const readings = Array.from({ length: 50 }, (_, index) =>
      stored(index + 1, "speed", { at: DAY + index, seq: index, speedMps: index }, { liftId }),
    );
    proxy.fault = "lose-answer";
    await expect(mirror.write(batch(1, 50, { readings }))).rejects.toMatchObject({ code: "store-unavailable" });
    expect(mirror.offset).toBe(0);
    proxy.fault = 429;
    await expect(mirror.write(batch(1, 50, { readings }))).rejects.toMatchObject({ code: "store-unavailable" });
    proxy.fault = "pass";
    await mirror.write(batch(1, 50, { readings }));
    expect(mirror.offset).toBe(50);
    // With -dedup.minScrapeInterval=1ms, as docs/operating.md asks for.
    expect(await samples("lift_reading_speedMps", liftId, 50)).toEqual(readings.map(({ reading }, index) => [reading.at, index]));
  });

  test.each([1, 2] as const)(
    "is no store: as InfluxDB %s it takes writes and does not give them back, and that is said",
    async (version) => {
      const error = await openInfluxStore({
        url: victoria.url,
        version,
        bucket: "hoistway",
        org: "o",
        token: "t",
        username: "",
        password: "",
        journalId: "journal-1",
        journalEnd: 10,
        timezone: "Asia/Shanghai",
        readingsDays: null,
        minutesDays: null,
      }).then(
        () => null,
        (reason: unknown) => reason as { code: string; message: string },
      );
      expect(error).toMatchObject({ code: "store-unreadable", message: expect.stringMatching(/mirror \(--store embedded\)/) });
    },
  );
});
