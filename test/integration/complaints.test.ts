/**
 * What users of the peers complain about, as far as it concerns alarms and needs a server or a store to show: the rest is in
 * test/golden/complaints.test.ts.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Change } from "../../src/core/effects.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { createMonitor, type Monitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { openEmbeddedStore } from "../../src/store/embedded.ts";
import { createFollower } from "../../src/store/follower.ts";
import { entries, LIFT, messages } from "../golden/timeline.ts";
import { FeedServer } from "./feed-double.ts";

test("live widgets dead or gapped after a reconnect (thingsboard PR#15363, grafana#132368): who comes back with the cursor misses no change", async () => {
  const server = await FeedServer.open();
  try {
    const before = server.connect();
    await before.until(() => before.of("snapshot").length === 1);
    server.publish(3);
    await before.until(() => before.numbers().length === 3);
    before.socket.terminate();
    await before.until(({ closed }) => closed !== null);
    server.publish(4);
    const after = server.connect(`?after=${before.of("change").at(-1)?.cursor}`);
    await after.until(() => after.numbers().length === 4);
    server.publish(2);
    await after.until(() => after.numbers().length === 6);
    expect([...before.numbers(), ...after.numbers()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(after.of("snapshot")).toEqual([]);
    after.socket.close();
  } finally {
    await server.close();
  }
});

test("a storm after a store's hiccup (grafana#50186), and alarms lost with it: alerts are told once while it is away, and stored once when it is back", async () => {
  const fleet = Array.from({ length: 30 }, (_, n): LiftRecord => ({ ...LIFT, liftId: `L${n}`, building: `B${n}` }));
  const dir = await mkdtemp(join(tmpdir(), "hoistway-complaints-"));
  const store = await openEmbeddedStore({ dir, journalId: "j" });
  try {
    const script =
      "0 status mode=normal\n 1 fault code=01\n 2 speed speedMps=2.3\n 3 speed speedMps=2.3\n 9 speed speedMps=0\n 20 fault code=01 active=false";
    const list = entries(
      fleet.flatMap(({ liftId }) => messages(script, liftId)),
      30,
    );
    const monitor = createMonitor(fleet, DEFAULT_RULES);
    let refused = 0;
    const follower = createFollower({
      store: {
        write: (batch) => {
          refused += 1;
          return refused <= 3 ? Promise.reject(new Error("the store is away")) : store.write(batch);
        },
        get offset() {
          return store.offset;
        },
      },
      position: 0,
      shadowAt: async (): Promise<Monitor> => createMonitor(fleet, DEFAULT_RULES),
      async *read(from) {
        yield list.slice(from - 1);
      },
    });
    const told: Change[] = [];
    for (const entry of list) {
      const effects = monitor.apply(entry);
      follower.take(entry.seq, effects);
      told.push(...effects.changes);
    }
    await vi.waitFor(() => expect(store.offset).toBe(list.length), { timeout: 20_000 });
    await follower.close();
    expect(refused).toBeGreaterThan(3);
    expect(told.filter(({ change }) => change === "raised").length).toBeGreaterThanOrEqual(60);
    expect(await store.changesAfter(0, 10_000)).toEqual(told);
  } finally {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  }
});
