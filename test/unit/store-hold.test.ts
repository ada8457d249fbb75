/** A store that is held is not written to, answers all the same, and has everything afterwards. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openEmbeddedStore } from "../../src/store/embedded.ts";
import type { ThreadedStore } from "../../src/store/threaded.ts";
import { batchAt } from "../crash/store-kill-rows.ts";

let directory: string;
let store: ThreadedStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "hoistway-hold-"));
  store = await openEmbeddedStore({ dir: directory, journalId: "held" });
  await store.write(batchAt(1));
});

afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

function bytes(): Promise<(Buffer | null)[]> {
  return Promise.all(["store.duckdb", "store.duckdb.wal"].map((name) => readFile(join(directory, name)).catch(() => null)));
}

it("while it is held its files stay as they are, and what waits is written when it is let go", async () => {
  const hold = await store.hold();
  const { offset } = store;
  const before = await bytes();
  const writing = store.write(batchAt(offset + 1));
  expect((await store.days({})).length).toBeGreaterThan(0);
  expect([store.offset, await bytes()]).toEqual([offset, before]);
  hold.release();
  hold.release();
  await writing;
  expect(store.offset).toBeGreaterThan(offset);
});

it("one hold waits for the other", async () => {
  const first = await store.hold();
  const order: string[] = [];
  const waiting = (async () => {
    const second = await store.hold();
    order.push("held again");
    second.release();
  })();
  await store.days({});
  order.push("let go");
  first.release();
  await waiting;
  expect(order).toEqual(["let go", "held again"]);
});

it("closing ends a hold, and refuses what waited for it", async () => {
  await store.hold();
  const [writing] = await Promise.allSettled([store.write(batchAt(store.offset + 1)), store.close()]);
  expect(writing).toMatchObject({ status: "rejected", reason: { code: "store-closed" } });
});
