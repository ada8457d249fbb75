/** A day of simulated city traffic, in both stores by `rebuild-store`: REST says the same whichever is behind it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rebuildStore } from "../../dist/src/verbs/rebuild-store.js";
import { type CityDay, writeCityDay } from "../program/city-day.ts";
import { influxdMissing, startInfluxd } from "../program/databases.ts";
import { alertsOf, fetchJson, type Rest } from "../program/rest.ts";
import { restOf } from "../program/rest-of.ts";

const HOUR_MS = 3_600_000;
/** Lifts that are asked for in every way, and alerts that are asked for one by one. */
const CLOSELY = 5;
const EXPLAINED = 40;
/** The simulated day is always the same one, and long over. */
const FOR_EVER = { readingsDays: "0", minutesDays: "0" } as const;
const skip = influxdMissing();
let directory: string;
let day: CityDay;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hoistway-day-"));
  if (!skip) day = await writeCityDay(directory, { hours: 24, minutes: 4, every: 4, lifts: 100 });
}, 120_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** What a store can be asked for of a lift, with its filters. */
function questionsOf(liftId: string, { from, to }: CityDay): string[] {
  const [early, late] = [from + 5 * HOUR_MS + 7, to - 3 * HOUR_MS];
  const [first, last] = [from, to].map((time) => new Date(time + 8 * HOUR_MS).toISOString().slice(0, 10));
  const readings = `/api/lifts/${liftId}/readings`;
  return [
    `${readings}?limit=100000`,
    `${readings}?from=${early}&to=${late}&limit=100000`,
    ...["door", "speed", "fault", "status", "online"].map((channel) => `${readings}?channel=${channel}&from=${early}&limit=1000`),
    `/api/lifts/${liftId}/minutes?limit=100000`,
    `/api/lifts/${liftId}/minutes?from=${early}&to=${late}&limit=100000`,
    `/api/lifts/${liftId}/days?from=${String(first)}&to=${String(last)}`,
    `/api/lifts/${liftId}/days?from=${String(last)}&to=${String(last)}`,
    `/api/lifts/${liftId}`,
  ];
}

function questionsOfAlerts({ from, to, liftIds }: CityDay): string[] {
  return [
    "/api/alerts?limit=10000",
    ...["active", "cleared"].map((state) => `/api/alerts?state=${state}&limit=10000`),
    ...["silent", "entrapment", "reported-fault", "door-cycling"].map((hazard) => `/api/alerts?hazard=${hazard}&limit=10000`),
    `/api/alerts?liftId=${String(liftIds[3])}&limit=10000`,
    `/api/alerts?from=${from + 5 * HOUR_MS}&to=${to - 5 * HOUR_MS}&limit=10000`,
    "/api/quarantine?limit=1000",
    "/api/ledger",
    "/api/lifts?limit=20000",
  ];
}

/** Every page, by its cursor: of small pages the ends of most fall between readings of one ms. */
async function pagesOf(rest: Rest, path: string, most: number): Promise<unknown[]> {
  const pages: unknown[] = [];
  let after: string | null = null;
  do {
    const cursor: string = after === null ? "" : `&after=${encodeURIComponent(after)}`;
    const page: { next: string | null } = await fetchJson(rest, `${path}${cursor}`);
    pages.push(page);
    after = page.next;
  } while (after !== null && pages.length < most);
  return pages;
}

async function answersOf(flags: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, unknown>> {
  await using offline = await restOf(flags);
  const { rest } = offline;
  const answers = new Map<string, unknown>();
  // Of every lift all that it said; of some every way to ask for it.
  const whole = day.liftIds.map((liftId) => `/api/lifts/${liftId}/readings?limit=100000`);
  for (const path of [...whole, ...day.liftIds.slice(0, CLOSELY).flatMap((liftId) => questionsOf(liftId, day)), ...questionsOfAlerts(day)])
    answers.set(path, await rest.get(path));
  for (const liftId of day.liftIds.slice(0, 2)) {
    const path = `/api/lifts/${liftId}/readings?limit=7`;
    answers.set(`pages of ${path}`, await pagesOf(rest, path, 60));
  }
  answers.set("pages of alerts", await pagesOf(rest, "/api/alerts?limit=37", 1_000));
  const alerts = await alertsOf(rest);
  for (let one = 0; one < alerts.length; one += Math.ceil(alerts.length / EXPLAINED)) {
    const path = `/api/alerts/${String(alerts[one]?.id)}`;
    answers.set(path, await rest.get(path));
  }
  return answers;
}

describe.skipIf(skip)("a day of simulated city traffic", () => {
  it("gives the same JSON through REST whichever store is behind it", async () => {
    await using influxd = await startInfluxd();
    const sites = [
      { data: directory, ...FOR_EVER },
      { data: directory, store: "influx", influxUrl: influxd.url, influxVersion: "1", ...FOR_EVER },
    ] as const satisfies readonly Readonly<Record<string, string>>[];
    const answers = [];
    for (const flags of sites) {
      await rebuildStore(flags);
      answers.push(await answersOf(flags));
    }
    const [embedded, influx] = answers as [ReadonlyMap<string, unknown>, ReadonlyMap<string, unknown>];
    for (const [path, answer] of embedded) expect(influx.get(path), path).toEqual(answer);
    expect([...influx.keys()]).toEqual([...embedded.keys()]);

    // That it was a day of a city, and not of nothing.
    const of = (path: string) => (embedded.get(path) as { body: unknown }).body;
    const ledger = of("/api/ledger") as Record<string, number>;
    expect(ledger["pending"]).toBe(0);
    for (const kind of ["duplicate", "late", "quarantined"]) expect(ledger[kind], kind).toBeGreaterThan(5);
    expect(ledger["accepted"]).toBeGreaterThan(10_000);
    const { alerts } = of("/api/alerts?limit=10000") as { alerts: { hazard: string }[] };
    expect(alerts.length).toBeGreaterThan(50);
    expect(new Set(alerts.map(({ hazard }) => hazard)).size).toBeGreaterThan(2);
    expect([...embedded.values()].filter((answer) => (answer as { status?: number }).status === 200).length).toBeGreaterThan(200);
    console.info(
      `${String(ledger["accepted"])} readings of ${day.liftIds.length} lifts, ${alerts.length} alerts, ${embedded.size} answers compared`,
    );
  }, 180_000);
});
