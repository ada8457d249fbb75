/** Trends as the program asks them, of their thread over a real store: the same bytes as the same question worked out here. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dayName, dayNumber } from "../../src/core/calendar.ts";
import type { DayCount } from "../../src/core/effects.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { openEmbeddedStore } from "../../src/store/embedded.ts";
import { openStorePort } from "../../src/store/port.ts";
import type { ThreadedStore } from "../../src/store/threaded.ts";
import { openTrending, type Trending } from "../../src/trending.ts";
import { readFacts } from "../../src/trends/facts/open-facts.ts";
import { answerAsked, type Asked } from "../../src/trends/questions/asked.ts";
import { cityFleet } from "../../simulators/fleet/city.ts";

const ZONE = "Asia/Shanghai";
const FIRST = dayNumber("2025-12-20");
const LAST = dayNumber("2026-02-10");
const range = { first: FIRST, last: LAST };
const filters = {};
const QUESTIONS: readonly Asked[] = [
  { name: "fault-rate", by: "firm", bucket: "month", range, filters },
  { name: "fault-rate", by: "lift", bucket: "total", range, filters },
  { name: "fault-rate", by: "district", bucket: "day", range, filters },
  { name: "rescue", by: "all", bucket: "week", range, filters },
  { name: "service-life", by: "all", range, filters },
  { name: "rankings", by: "building", period: "2026-01", filters },
  { name: "index", by: "lift", period: "2026-01", filters },
];

let register: readonly LiftRecord[] = cityFleet(3).slice(0, 300);
let dir: string;
let store: ThreadedStore;
let trends: Trending;
const lines: string[] = [];

function days(day: number, lifts: readonly LiftRecord[]): DayCount[] {
  return lifts.map(({ liftId }, index) => {
    const stoppingFaults = (index * 7 + day * 3) % 41 === 0 ? 1 + (day % 2) : 0;
    const counts = { readings: 900, faults: stoppingFaults, stoppingFaults, entrapments: 0, trips: 80 + ((index + day) % 50) };
    return { day: dayName(day), liftId, inServiceMs: 86_400_000 - ((index * day) % 7_000), ...counts };
  });
}

async function write(to: Pick<ThreadedStore, "offset" | "write">, counts: readonly DayCount[]): Promise<void> {
  const entry = to.offset + 1;
  await to.write({ from: entry, to: entry, readings: [], changes: [], quarantined: [], days: counts, works: [] });
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "hoistway-trends-thread-"));
  store = await openEmbeddedStore({ dir: join(dir, "store"), journalId: "journal-1" });
  for (let day = FIRST; day < LAST; day++) await write(store, days(day, register));
  const monitor = {
    get register() {
      return register;
    },
  };
  trends = openTrending({ settings: { data: dir }, store, monitor, timezone: ZONE, log: (line) => lines.push(line) });
}, 60_000);

afterAll(async () => {
  await trends.close();
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

const FORMATS = ["json", "csv"] as const;

async function fromThread(asked: Asked) {
  const texts = [];
  for (const format of FORMATS) {
    const { bytes, next } = await trends.ask(asked, { offset: 5, limit: 40, format });
    texts.push({ text: new TextDecoder().decode(bytes), next });
  }
  return texts;
}

async function fromHere(asked: Asked) {
  const facts = await readFacts({ store, history: () => Promise.resolve([]), timezone: ZONE }, register);
  const texts = [];
  for (const format of FORMATS) texts.push(await answerAsked({ facts, register }, asked, { offset: 5, limit: 40, format }));
  return texts;
}

test.each(QUESTIONS)("$name $by of the thread is what the same question gives here, in JSON and CSV", async (asked) => {
  expect(await fromThread(asked)).toEqual(await fromHere(asked));
});

test("what the store takes afterwards is in the next answer: a new day, and a past day that is told anew", async () => {
  await write(trends.store, days(LAST, register));
  await write(
    trends.store,
    days(FIRST + 14, register).map((count) => ({ ...count, stoppingFaults: 1, faults: 1 })),
  );
  for (const asked of QUESTIONS) expect(await fromThread(asked)).toEqual(await fromHere(asked));
});

test("a report of the thread has the figures of the questions", async () => {
  const period = {
    kind: "monthly",
    name: "2026-01",
    first: dayNumber("2026-01-01"),
    last: dayNumber("2026-01-31"),
    complete: true,
  } as const;
  const report = await trends.report(period, {}, { operatorPositions: 1, program: "test", madeAt: 0 });
  const asked: Asked = { name: "fault-rate", by: "firm", bucket: "total", range: { first: period.first, last: period.last }, filters };
  const { bytes } = await trends.ask(asked, { offset: 0, limit: 1_000, format: "json" });
  const { rows } = JSON.parse(new TextDecoder().decode(bytes)) as { rows: readonly { key: string; episodes: number }[] };
  const firms = report.groups.find(({ by }) => by === "firm")!.rows;
  expect(firms.length).toBeGreaterThan(5);
  for (const { key, episodes } of firms) expect(episodes).toBe(rows.find((row) => row.key === key)!.episodes);
});

test("another register is in the next answer once its facts are read", async () => {
  register = register.map((record) => ({ ...record, firm: "one firm of all" }));
  const asked: Asked = { name: "fault-rate", by: "firm", bucket: "total", range, filters };
  const { bytes } = await trends.ask(asked, { offset: 0, limit: 10, format: "json" });
  const { rows } = JSON.parse(new TextDecoder().decode(bytes)) as { rows: readonly { key: string }[] };
  expect(rows.map(({ key }) => key)).toEqual(["one firm of all"]);
});

test("a question that is too large is refused as it is here, and a reload says how many lifts there are", async () => {
  const asked: Asked = { name: "fault-rate", by: "lift", bucket: "day", range: { first: dayNumber("1970-01-01"), last: LAST }, filters };
  await expect(trends.ask(asked, { offset: 0, limit: 10, format: "json" })).rejects.toMatchObject({ code: "query-too-large" });
  expect(await trends.reload()).toMatchObject({ lifts: register.length });
  expect(lines).toEqual([]);
});

test("a port of a store that has ended refuses what is asked of it", async () => {
  const { port1, port2 } = new MessageChannel();
  const reader = openStorePort(port1);
  const waiting = reader.alerts({ limit: 1 });
  port2.close();
  await expect(waiting).rejects.toMatchObject({ code: "store-closed" });
  await expect(reader.alerts({ limit: 1 })).rejects.toMatchObject({ code: "store-closed" });
});
