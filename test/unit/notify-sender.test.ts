/** What a target's sender does, by fake time: back-off, jitter, bounds, order. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DeliveryError, type Delivery } from "../../src/notify/delivery.ts";
import { backOffMs, createSender, type SenderLimits } from "../../src/notify/sender.ts";
import { randomFrom } from "../property/journal-disk.ts";
import { alertOf, changeMaker, Decider, planOf } from "./notify-rows.ts";

const LIMITS: SenderLimits = { inFlightPerTarget: 2, attempts: 5, retryMinMs: 1_000, retryMaxMs: 8_000 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "performance", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function deliveries(ids: readonly string[]): Delivery[] {
  const change = changeMaker();
  const outbox = new Decider(planOf({ routes: [{ to: ["desk"] }] }));
  return [
    ...outbox.stretch(
      ids.map((id) => change("raised", alertOf(id[0] ?? "", id.endsWith("!") ? {} : { hazard: "silent", priority: "medium" }))),
    ),
  ];
}

/** A sender over a list, with a target that does as it is told. */
function rig(waiting: Delivery[], answer: (delivery: Delivery) => Promise<void>, random = () => 1, expired = () => false) {
  const log: string[] = [];
  const gone = new Set<Delivery>();
  const sender = createSender({
    waiting: () => waiting.filter((delivery) => !gone.has(delivery)),
    async send(delivery) {
      log.push(`${Math.round(performance.now() - begun)} ${delivery.alertId ?? ""}`);
      await answer(delivery);
    },
    onDone(delivery, outcome) {
      gone.add(delivery);
      log.push(`${outcome} ${delivery.alertId ?? ""}`);
    },
    onTried: () => undefined,
    isExpired: expired,
    limits: LIMITS,
    random,
  });
  const begun = performance.now();
  sender.kick();
  return { sender, log };
}

describe("back-off", () => {
  test("doubles up to its bound, with full jitter", () => {
    const spans = [1, 2, 3, 4, 5, 40].map((attempts) => backOffMs(attempts, LIMITS, () => 1));
    expect(spans).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    const random = randomFrom(11);
    const drawn = Array.from({ length: 2_000 }, () => backOffMs(3, LIMITS, random));
    expect(Math.min(...drawn)).toBeLessThan(100);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(4_000);
    expect(drawn.reduce((sum, ms) => sum + ms, 0) / drawn.length, "seed 11").toBeCloseTo(2_000, -2);
  });

  test("a target that always fails is tried at growing distances, as often as allowed, and then given up", async () => {
    const { log, sender } = rig(deliveries(["A!"]), () => Promise.reject(new Error("no")));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(log).toEqual(
      ["0 A", "1000 A", "3000 A", "7000 A", "15000 A", "failed A"].map((row) => expect.stringMatching(near(row)) as string),
    );
    expect(sender.failure).toBe("no");
  });

  test("waits at least as long as the other side asks", async () => {
    let calls = 0;
    const { log } = rig(deliveries(["A!"]), () => (++calls === 1 ? Promise.reject(new DeliveryError("busy", 6_000)) : Promise.resolve()));
    await vi.advanceTimersByTimeAsync(5_900);
    expect(log).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(log.at(-1)).toBe("sent A");
  });
});

/** Times may be a few ms late. */
function near(row: string): RegExp {
  const [time, id] = row.split(" ");
  return /^\d+$/.test(time ?? "") ? new RegExp(`^${(time ?? "").slice(0, -1)}\\d ${id}$`.replace("^\\d", "^\\d+")) : new RegExp(`^${row}$`);
}

describe("order", () => {
  test("critical first; an alert's messages one after the other", async () => {
    const rows = deliveries(["A", "B", "B", "C!"]);
    let open: (() => void)[] = [];
    const { log } = rig(rows, () => new Promise((resolve) => open.push(resolve)));
    const letGo = async () => {
      const now = open;
      open = [];
      for (const resolve of now) resolve();
      await vi.advanceTimersByTimeAsync(1);
    };
    await vi.advanceTimersByTimeAsync(1);
    expect(log.map((row) => row.split(" ")[1])).toEqual(["C", "A"]);
    await letGo();
    expect(log.filter((row) => row.endsWith(" B"))).toHaveLength(1);
    await letGo();
    await letGo();
    expect(log.filter((row) => row === "sent B")).toHaveLength(2);
  });

  test("while the target fails the uncritical wait behind one probe, and the critical do not", async () => {
    const rows = deliveries(["A", "B", "C", "D"]);
    const { log } = rig(rows, () => Promise.reject(new Error("no")));
    await vi.advanceTimersByTimeAsync(10);
    // Two at first; once they have failed, one at a time.
    expect(new Set(log.map((row) => row.split(" ")[1]))).toEqual(new Set(["A", "B", "C", "D"]));
    rows.push(...deliveries(["X!", "Y!"]));
    let most = 0;
    const stalled = rig(deliveries(["A", "B", "X!", "Y!"]), () => {
      most = Math.max(most, stalled.sender.inFlight);
      return new Promise(() => undefined);
    });
    await vi.advanceTimersByTimeAsync(10);
    expect(stalled.sender.inFlight).toBe(2);
    expect(stalled.log.map((row) => row.split(" ")[1])).toEqual(["X", "Y"]);
  });
});

test("what has grown too old is not sent", async () => {
  const { log } = rig(
    deliveries(["A!"]),
    () => Promise.resolve(),
    () => 1,
    () => true,
  );
  await vi.advanceTimersByTimeAsync(10);
  expect(log).toEqual(["expired A"]);
});

test("a stop begins nothing more, waits a while, and leaves the rest as it was", async () => {
  const rows = deliveries(["A!", "B!", "C!"]);
  const { log, sender } = rig(rows, () => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(1);
  const closed = sender.close(500);
  await vi.advanceTimersByTimeAsync(600);
  await closed;
  sender.kick();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(log).toHaveLength(2);
  expect(rows.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
});
