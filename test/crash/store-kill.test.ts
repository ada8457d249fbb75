/** SIGKILL at random instants while batches are written, log is folded into the file and slices are sorted. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { openEmbeddedStore } from "../../src/store/embedded.ts";
import { changeOf, LIFTS, readingsOf } from "./store-kill-rows.ts";

const KILLS = 10;
const SEED = 20_261_122;

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
async function writeAndKill(dir: string, batches: number, laterMs: number): Promise<number> {
  const child = spawn(process.execPath, ["--import", "tsx", new URL("store-child.ts", import.meta.url).pathname, dir], {
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

test(`after each of ${KILLS} kills, rows and offset agree exactly (seed ${SEED})`, async () => {
  const dir = await mkdtemp(join(tmpdir(), "hoistway-store-kill-"));
  const random = randomOf(SEED);
  let sorted = 0;
  try {
    let last = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      const told = await writeAndKill(dir, 1 + Math.floor(random() * 12), random() * 30);
      const store = await openEmbeddedStore({ dir, journalId: "killed" });
      const { offset } = store;
      expect(offset, `kill ${kill}: what was told of is there`).toBeGreaterThanOrEqual(told);
      expect(offset).toBeGreaterThan(last);
      last = offset;
      const entries = Array.from({ length: offset }, (_, index) => index + 1);
      const expected = entries.flatMap(readingsOf);
      expect(store.storedReadings).toBe(expected.length);
      for (let lift = 0; lift < LIFTS; lift++) {
        const { rows } = await store.readings({ liftId: `L${lift}`, limit: 100_000 });
        expect(rows).toEqual(expected.filter(({ liftId }) => liftId === `L${lift}`));
      }
      const changes = entries.map(changeOf).filter((row) => row !== null);
      expect(await store.changesAfter(0, 10_000)).toEqual(changes);
      const newest = new Map(changes.map(({ alert }) => [alert.id, alert]));
      const { rows: alerts } = await store.alerts({ limit: 100 });
      expect(new Map(alerts.map((alert) => [alert.id, alert]))).toEqual(newest);
      expect(alerts).toHaveLength(newest.size);
      const rejected = await store.quarantined(1_000);
      expect(rejected.map(({ entry }) => entry)).toEqual(entries.filter((entry) => entry % 25 === 0).toReversed());
      expect((await store.days({})).map(({ readings }) => readings)).toEqual(Array.from({ length: LIFTS }, () => offset));
      await store.sorted();
      sorted = Math.max(sorted, offset);
      await store.close();
    }
    // Enough was written for days to end, and slices to be sorted, under the kills.
    expect(sorted).toBeGreaterThan(3_000);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 600_000);
