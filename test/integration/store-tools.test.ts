/**
 * Verbs on the store of a program that is stopped: made again from the journal, exported, imported. The same from both stores.
 * They are the compiled ones: each opens its threads anew, which takes twice as long from sources.
 */
import { cp, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { firstAtOrAfter } from "../../dist/src/recording/stretch.js";
import { flagName } from "../../dist/src/settings/schema.js";
import { openSnapshots } from "../../dist/src/snapshots.js";
import { openJournal } from "../../dist/src/journal/open.js";
import type { Journal } from "../../dist/src/journal/journal.js";
import type { Kind } from "../../dist/src/exchange/kinds.js";
import { exportRows } from "../../dist/src/verbs/export-rows.js";
import { importRows } from "../../dist/src/verbs/import-rows.js";
import { openJournalAlone } from "../../dist/src/journal/open-alone.js";
import { rebuildStore } from "../../dist/src/verbs/rebuild-store.js";
import { loadSettings } from "../../dist/src/settings/settings.js";
import { openStore } from "../../dist/src/stores.js";
import type { ThreadedStore } from "../../dist/src/store/threaded.js";
import { type CityDay, writeCityDay } from "../program/city-day.ts";
import { influxdMissing, type Server, startInfluxd } from "../program/databases.ts";
import { runVerb } from "../program/run.ts";

const skip = influxdMissing();
const TABLES: readonly (readonly [Kind, "csv" | "parquet" | "ndjson"])[] = (["readings", "alerts", "days"] as const).flatMap((kind) =>
  (["csv", "parquet", "ndjson"] as const).map((format) => [kind, format] as const),
);
const EXPORTED = ["readings", "alerts", "days", "quarantine"] as const;
let directory: string;
let data: string;
let day: CityDay;
/** What a store of the whole journal has. */
let whole: Contents;
let influxd: Server | null = null;
let sites = 0;

type Flags = Readonly<Record<string, string>>;
const at = (name: string): string => join(directory, name);
/** The simulated day is always the same one, and long over. */
const kept = (site: string): Flags => ({ data: site, readingsDays: "0", minutesDays: "0" });
const inInflux = (site: string, bucket: string): Flags => ({
  ...kept(site),
  store: "influx",
  influxUrl: influxd?.url ?? "",
  influxVersion: "1",
  influxBucket: bucket,
});

/** The store of a site, and another of the same site where it can have more than one. */
type StoreOf = (site: string, another?: string) => Flags;
const ofInflux: StoreOf = (site, another = "") => inInflux(site, `rebuilt-${basename(site)}${another}`);
const STORES: readonly (readonly [name: string, of: StoreOf])[] = [["embedded", kept], ...(skip ? [] : [["InfluxDB", ofInflux] as const])];

async function withStore<T>(flags: Flags, use: (store: ThreadedStore, journal: Journal) => Promise<T>): Promise<T> {
  const settings = loadSettings(flags, {}, undefined);
  const journal = await openJournalAlone(settings.data);
  try {
    const store = await openStore(settings, settings.timezone, journal, () => undefined);
    try {
      return await use(store, journal);
    } finally {
      await store.close();
    }
  } finally {
    await journal.close();
  }
}

/** As a person types them. */
const argumentsOf = (flags: Flags) => Object.entries(flags).flatMap(([key, value]) => [`--${flagName(key)}`, value]);

type Contents = Awaited<ReturnType<typeof contentsOf>>;

/** Everything, without the numbers of a journal where they are to be another's. */
function contentsOf(flags: Flags) {
  return withStore(flags, async (store) => {
    const readings = [];
    for (const liftId of day.liftIds) readings.push((await store.readings({ liftId, limit: 100_000 })).rows);
    return {
      readings,
      alerts: (await store.alerts({ limit: 10_000 })).rows,
      changes: await store.changesAfter(0, 10_000),
      days: await store.days({}),
      quarantined: await store.quarantined(1_000),
      offset: store.offset,
      storedReadings: store.storedReadings,
    };
  });
}

/** What an import brings, without the numbers of the journal that it was of. */
function historyOf(flags: Flags) {
  return withStore(flags, async (store) => {
    const readings = [];
    for (const liftId of day.liftIds) readings.push((await store.readings({ liftId, limit: 100_000 })).rows);
    const alerts = (await store.alerts({ limit: 10_000 })).rows;
    const histories = [];
    for (const { id } of alerts) histories.push(await store.history(id));
    return {
      readings: readings.map((rows) => rows.map((row) => ({ ...row, entry: 0 }))),
      alerts,
      histories: histories.map((changes) => changes.map((change) => ({ ...change, n: 0, seq: 0 }))),
      days: await store.days({}),
    };
  });
}

async function emptySite(): Promise<string> {
  const site = at(`site-${sites++}`);
  await mkdir(site);
  await (await openJournalAlone(site)).close();
  return site;
}

/** What a verb says on one of its streams. */
async function said(stream: "stdout" | "stderr", verb: () => Promise<void>): Promise<string> {
  let text = "";
  const spy = vi.spyOn(process[stream], "write").mockImplementation((part) => {
    text += String(part);
    return true;
  });
  try {
    await verb();
  } finally {
    spy.mockRestore();
  }
  return text;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hoistway-tools-"));
  data = at("city");
  day = await writeCityDay(data, { hours: 1, minutes: 5, every: 1, lifts: 40, snapshotEvery: 500, segmentBytes: 64 * 1024 });
  if (!skip) influxd = await startInfluxd();
  await rebuildStore(kept(data));
  whole = await contentsOf(kept(data));
}, 180_000);

afterAll(async () => {
  await influxd?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** What is in a store that begins after that entry. */
function after(entry: number) {
  return whole.readings.map((rows) => rows.filter((row) => row.entry > entry));
}

/** A copy of the site whose journal has lost its oldest segments to retention, and with them all snapshots but those from there on. */
async function retainedSite(keepFrom: number): Promise<{ site: string; firstSeq: number; beginning: number }> {
  const site = at(`site-${sites++}`);
  await cp(data, site, { recursive: true });
  const journal = await openJournal({
    directory: join(site, "journal"),
    clock: { now: () => day.to },
    maxBytes: 1,
    maxAgeMs: Infinity,
    segmentBytes: 64 * 1024,
    onFatal(error) {
      throw error;
    },
  });
  const firstSeq = await journal.retain(keepFrom);
  await journal.close();
  const snapshots = await openSnapshots(join(site, "snapshots"), day.lastSeq);
  for (const position of snapshots.positions())
    if (position < firstSeq - 1) await rm(join(site, "snapshots", `${String(position).padStart(16, "0")}.json`));
  return { site, firstSeq, beginning: (snapshots.positions().find((position) => position >= firstSeq - 1) ?? Infinity) + 1 };
}

describe.each(STORES)("rebuild-store of the %s store", (name, of) => {
  const fresh = name === "embedded" ? { fresh: true } : {};

  it("makes everything from an entry or a time on, and nothing twice", async () => {
    const site = at(`site-${sites++}`);
    await cp(data, site, { recursive: true });
    const flags = of(site);
    expect(whole.readings.flat().length).toBeGreaterThan(500);
    const told = await said("stderr", () => rebuildStore({ ...flags, ...fresh, from: "701" }));
    expect(told).toContain("entries 1 to 700: the store has nothing of them, and gets nothing");
    expect((await contentsOf(flags)).readings).toEqual(after(700));
    // A time is that of receipt, and names the first entry at it or after it.
    const { receivedAt } = whole.readings.flat().find(({ entry }) => entry > 400)!;
    const first = await withStore(kept(data), (_, journal) => firstAtOrAfter(journal, receivedAt));
    const time = new Date(receivedAt + 8 * 3_600_000).toISOString().replace("Z", "+08:00");
    const other = of(site, "-other");
    expect(await said("stdout", () => rebuildStore({ ...other, from: time }))).toContain(`entries ${first} to ${day.lastSeq} of journal`);
    expect((await contentsOf(other)).readings).toEqual(after(first - 1));
    const full = of(site, "-full");
    for (const from of [undefined, "701", String(receivedAt)]) await rebuildStore({ ...full, ...(from && { from }) });
    expect(await contentsOf(full)).toEqual(whole);
  }, 180_000);

  it("fills what a journal that has lost its oldest segments still says, and says what it cannot fill", async () => {
    const { site, firstSeq, beginning } = await retainedSite(1_300);
    expect(firstSeq).toBeGreaterThan(1);
    expect(beginning).toBeLessThan(day.lastSeq - 100);
    const flags = of(site);
    const lost = `the journal begins at entry ${firstSeq}: what came before is no longer in it, and the oldest snapshot stands at entry ${beginning - 1}`;
    // It is done with what there is: that is no failure.
    const made = await runVerb(["rebuild-store", ...argumentsOf({ ...flags, from: "5" }), ...(name === "embedded" ? ["--fresh"] : [])]);
    expect(made, made.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`entries ${beginning} to ${day.lastSeq} of journal`),
    });
    expect(made.stderr).toContain(lost);
    expect(made.stderr).toContain(`entries 1 to ${beginning - 1}: the store has nothing of them, and gets nothing`);
    const found = await contentsOf(flags);
    expect(found.readings).toEqual(after(beginning - 1));
    expect(found.storedReadings, "the ledger counts those that were stored once").toBe(whole.storedReadings);
  }, 180_000);
});

describe("rebuild-store", () => {
  it.skipIf(skip)("refuses to put what an InfluxDB was not given beside what comes after it", async () => {
    const flags = inInflux(data, "late");
    await rebuildStore({ ...flags, from: "701" });
    const before = await contentsOf(flags);
    await expect(rebuildStore({ ...flags, from: "600" })).rejects.toThrow(/has nothing of entry 700 .* begin from entry 701 or later/);
    await rebuildStore({ ...flags, from: "1000" });
    expect(await contentsOf(flags)).toEqual(before);
  });

  it("leaves what the store has of entries that the journal no longer has", async () => {
    const { site, firstSeq, beginning } = await retainedSite(1_300);
    const told = await said("stderr", () => rebuildStore(kept(site)));
    expect(told).toContain(`the journal begins at entry ${firstSeq}`);
    expect(told).toContain(`entries up to ${beginning - 1}: what the store had of them stays as it was`);
    expect(await contentsOf(kept(site))).toEqual(whole);
  });

  it("ends with code 2, and writes nothing, where the journal has lost its beginning and no snapshot is left", async () => {
    const { site } = await retainedSite(1_300);
    await rm(join(site, "snapshots"), { recursive: true });
    const refused = await runVerb(["rebuild-store", ...argumentsOf(kept(site))]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(/the journal begins at entry \d+; expected a snapshot to begin from/);
  });

  it("moves a damaged file aside, deletes none, and fills another", async () => {
    for (const _ of [1, 2]) {
      const file = await open(join(data, "store", "store.duckdb"), "r+");
      await file.write(Buffer.alloc(8_192, 0xa5), 0, 8_192, 0);
      await file.close();
      await rebuildStore(kept(data));
    }
    expect(await contentsOf(kept(data))).toEqual(whole);
    expect((await readdir(join(data, "store"))).filter((file) => !file.endsWith(".wal")).sort()).toEqual([
      "store.duckdb",
      "store.duckdb.broken",
      "store.duckdb.broken-2",
    ]);
  }, 180_000);

  it("refuses to make an InfluxDB afresh, which has no file to be moved aside", async () => {
    const flags: Flags = { ...kept(data), store: "influx", influxUrl: "http://127.0.0.1:1", influxVersion: "1" };
    await expect(rebuildStore({ ...flags, fresh: true })).rejects.toThrow("--fresh: moves the embedded store's file aside");
  });

  it("refuses while the directory is in use, an entry beyond the journal, and a directory without one", async () => {
    const journal = await openJournalAlone(data);
    await expect(rebuildStore(kept(data))).rejects.toThrow(/in use by another Hoistway.*stop the program first/);
    await journal.close();
    await expect(rebuildStore({ ...kept(data), from: String(day.lastSeq + 2) })).rejects.toThrow(
      `the journal ends at entry ${day.lastSeq}`,
    );
    await expect(rebuildStore(kept(at("nowhere")))).rejects.toThrow("holds no journal");
  });
});

async function exportAll(name: string, flags: Flags, tables: readonly (readonly [Kind, "csv" | "parquet" | "ndjson"])[]): Promise<void> {
  for (const [kind, format] of tables) await exportRows(kind, { ...flags, format, out: at(`${name}-${kind}.${format}`) });
}

/** Imports all kinds from the exports of a store in a format; every row is new, or every one is there already. */
async function bring(flags: Flags, store: string, format: string, counted: "added" | "present"): Promise<void> {
  for (const kind of ["readings", "alerts", "days"] as const) {
    const answer = await said("stdout", () => importRows(at(`${store}-${kind}.${format}`), { ...flags, json: true }));
    const report = JSON.parse(answer) as Record<string, number>;
    expect(report, `${kind} from ${format}`).toMatchObject({ kind, bad: 0, tooOld: 0 });
    expect(report[counted], `${kind} ${counted} from ${format}`).toBe(report["rows"]);
  }
}

describe.skipIf(skip)("export and import", () => {
  it("give the same bytes of the same rows whichever store they are of", async () => {
    const copy = at(`site-${sites++}`);
    await cp(data, copy, { recursive: true });
    const flags = inInflux(copy, "exported");
    await rebuildStore(flags);
    const compared = [["readings", "csv"], ...EXPORTED.map((kind) => [kind, "ndjson"] as const)] as const;
    // Tables are written from rows whichever store they are of, but for readings of the embedded one.
    await Promise.all([
      exportAll("embedded", kept(data), [...TABLES, ["quarantine", "csv"], ["quarantine", "ndjson"]]),
      exportAll("influx", flags, compared),
    ]);
    for (const [kind, format] of compared) {
      const [embedded, influx] = await Promise.all(["embedded", "influx"].map((name) => readFile(at(`${name}-${kind}.${format}`), "utf8")));
      expect(embedded === influx, `${kind} as ${format}`).toBe(true);
      expect(embedded?.split("\n").length, `${kind} as ${format}`).toBeGreaterThan(kind === "quarantine" ? 1 : 20);
    }
    expect(
      (await readdir(directory)).filter((name) => /part|tmp/.test(name)),
      "nothing half done stays",
    ).toEqual([]);
  }, 180_000);

  it("bring the same history into an empty store of either kind, from every format, and twice is once", async () => {
    const before = await historyOf(kept(data));
    const [one, other, third] = [kept(await emptySite()), kept(await emptySite()), inInflux(await emptySite(), "imported")];
    await bring(one, "embedded", "csv", "added");
    await bring(one, "embedded", "ndjson", "present");
    await bring(other, "embedded", "parquet", "added");
    await bring(third, "influx", "ndjson", "added");
    await bring(third, "embedded", "csv", "present");
    for (const flags of [one, other, third]) expect(await historyOf(flags)).toEqual(before);
  }, 180_000);

  it("add nothing to the store that they are of, and outlast its being made again", async () => {
    const report = await said("stdout", () => importRows(at("embedded-readings.csv"), { ...kept(data), json: true }));
    expect(JSON.parse(report)).toMatchObject({ added: 0 });
    const line =
      '{"liftId":"OLD-1","channel":"speed","late":false,"entry":7,"index":0,"receivedAt":1700000000000,"at":1700000000000,"seq":1,"speedMps":1.5}\n';
    await writeFile(at("old.ndjson"), line);
    await importRows(at("old.ndjson"), kept(data));
    await rebuildStore(kept(data));
    expect(await contentsOf(kept(data))).toEqual(whole);
    const { rows } = await withStore(kept(data), (store) => store.readings({ liftId: "OLD-1", limit: 10 }));
    expect(rows).toMatchObject([{ reading: { at: 1_700_000_000_000, speedMps: 1.5 } }]);
    expect(rows[0]?.entry, "before every entry of the journal").toBeLessThan(0);
  }, 180_000);

  it("name every bad row with its line and column, and write nothing; or leave them out when told to", async () => {
    const [header = "", good = "", other = "", third = ""] = (await readFile(at("embedded-days.csv"), "utf8")).split("\n");
    const cells = (row: string, column: string, value: string) =>
      row
        .split(",")
        .map((cell, index) => (header.split(",")[index] === column ? value : cell))
        .join(",");
    const bad = [header, good, cells(other, "trips", "many"), cells(third, "day", "2026-02-30"), `${third},1`].join("\n");
    await writeFile(at("bad.csv"), `${bad}\n`);
    const flags = kept(await emptySite());
    let refused: unknown;
    const told = await said("stderr", () => importRows(at("bad.csv"), flags).catch((error: unknown) => void (refused = error)));
    expect(String(refused)).toContain("3 bad rows; nothing was written");
    expect(told).toMatch(/bad\.csv: line 3: column trips: found "many"; expected: /);
    expect(told).toMatch(/bad\.csv: line 4: column day: found "2026-02-30"; expected: /);
    expect(told).toMatch(/bad\.csv: line 5: found 9 fields; expected 8/);
    expect(await withStore(flags, (store) => store.days({}))).toEqual([]);
    await said("stderr", () => importRows(at("bad.csv"), { ...flags, skipBad: true }));
    expect(await withStore(flags, (store) => store.days({}))).toHaveLength(1);
    await writeFile(at("other.csv"), "a,b\n1,2\n");
    await expect(importRows(at("other.csv"), flags)).rejects.toThrow(/has the columns a, b; expected those of an export/);
  }, 180_000);

  it("give no empty file where the rows are in another store, and make no store", async () => {
    const site = await emptySite();
    const asked = exportRows("readings", { ...kept(site), format: "csv", out: at("none.csv") });
    await expect(asked).rejects.toThrow("has no embedded store; expected the flags of serve");
    expect(await readdir(site)).toEqual(["journal"]);
    expect(await readdir(directory)).not.toContain("none.csv");
  });

  it("take the lifts and the times that are asked for", async () => {
    const [liftId = ""] = day.liftIds;
    await exportRows("readings", { ...kept(data), format: "ndjson", out: at("one.ndjson"), lift: [liftId], to: String(day.from + 60_000) });
    await exportRows("readings", { ...kept(data), format: "csv", out: at("one.csv"), lift: [liftId], to: String(day.from + 60_000) });
    const rows = (await readFile(at("one.ndjson"), "utf8"))
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text) as { liftId: string; at: number });
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.filter((row) => row.liftId !== liftId || row.at >= day.from + 60_000)).toEqual([]);
    expect((await readFile(at("one.csv"), "utf8")).trimEnd().split("\n")).toHaveLength(rows.length + 1);
  });
});
