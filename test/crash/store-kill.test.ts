/** SIGKILL at random instants while batches are written to either store, log is folded into the file and slices are sorted. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { influxdMissing, influxql, startInfluxd } from "../program/databases.ts";
import { openKilledStore } from "./store-killed.ts";
import { batchAt, changeOf, LIFTS, readingsOf } from "./store-kill-rows.ts";

const KILLS = 10;
const SEED = 20_261_122;
/** Each waits for its children, its disk or influxd most of the time. */
const AT_ONCE = { concurrent: true, timeout: 600_000 };

/** A small seeded generator (mulberry32), so that a failure can be told by its seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs the child until it has stored `batches` batches and, some ms later, kills it; returns the last offset it told of. */
async function writeAndKill(where: string, batches: number, laterMs: number): Promise<number> {
  const child = spawn(process.execPath, ["--import", "tsx", new URL("store-child.ts", import.meta.url).pathname, where], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let told = 0;
  let stored = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, offset] = line.split(" ");
    told = Number(offset);
    if (word === "stored" && ++stored === batches) setTimeout(() => child.kill("SIGKILL"), laterMs);
  }
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  return told;
}

function entriesTo(offset: number): number[] {
  return Array.from({ length: offset }, (_, index) => index + 1);
}

/** How many readings there are, the readings of each lift, and all changes, of the entries up to the offset. */
function contentsAt(offset: number) {
  const readings = entriesTo(offset).flatMap(readingsOf);
  const lifts = Array.from({ length: LIFTS }, (_, lift) => readings.filter(({ liftId }) => liftId === `L${lift}`));
  return [
    readings.length,
    lifts,
    entriesTo(offset)
      .map(changeOf)
      .filter((row) => row !== null),
  ];
}

/** Kills writers of the store again and again, and looks at all that is in it after each. Returns the last offset. */
async function killWriters(where: string): Promise<number> {
  const random = randomOf(SEED);
  let last = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const told = await writeAndKill(where, 1 + Math.floor(random() * 12), random() * 30);
    const store = await openKilledStore(where);
    expect(store.offset, `kill ${kill}: what was told of is there`).toBeGreaterThanOrEqual(told);
    expect(store.offset).toBeGreaterThan(last);
    const readings = async () => {
      const pages = [];
      for (let lift = 0; lift < LIFTS; lift++) pages.push((await store.readings({ liftId: `L${lift}`, limit: 100_000 })).rows);
      return pages;
    };
    const changes = () => store.changesAfter(0, 10_000);
    const seen = [store.storedReadings, await readings(), await changes()];
    expect(seen).toEqual(contentsAt(store.offset));
    // The program goes on with the batch that was under way; where it was written in part, it lands upon itself.
    await store.write(batchAt(store.offset + 1));
    const { offset } = store;
    expect([store.storedReadings, await readings(), await changes()]).toEqual(contentsAt(offset));
    const entries = entriesTo(offset);
    const newest = new Map(
      entries
        .map(changeOf)
        .filter((row) => row !== null)
        .map(({ alert }) => [alert.id, alert]),
    );
    const { rows: alerts } = await store.alerts({ limit: 100 });
    expect(new Map(alerts.map((alert) => [alert.id, alert]))).toEqual(newest);
    expect(alerts).toHaveLength(newest.size);
    const rejected = await store.quarantined(1_000);
    expect(rejected.map(({ entry }) => entry)).toEqual(entries.filter((entry) => entry % 25 === 0).toReversed());
    expect((await store.days({})).map(({ readings }) => readings)).toEqual(Array.from({ length: LIFTS }, () => offset));
    last = offset;
    await store.sorted();
    await store.close();
  }
  // Enough was written for days to end, and slices to be sorted, under the kills.
  expect(last).toBeGreaterThan(3_000);
  return last;
}

test(`after each of ${KILLS} kills, rows and offset of the embedded store agree exactly (seed ${SEED})`, AT_ONCE, async () => {
  const dir = await mkdtemp(join(tmpdir(), "hoistway-store-kill-"));
  try {
    expect(await killWriters(dir)).toBeGreaterThan(0);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test.skipIf(influxdMissing())(
  `after each of ${KILLS} kills, rows and offset of the InfluxDB store agree exactly, by InfluxQL from outside, too (seed ${SEED})`,
  AT_ONCE,
  async () => {
    await using influxd = await startInfluxd();
    const offset = await killWriters(influxd.url);
    const counted = await influxql(influxd.url, `SELECT count("entry") FROM lift_reading`, "hoistway", "readings");
    expect(counted.values[0]![1]).toBe(contentsAt(offset)[0]);
  },
);
