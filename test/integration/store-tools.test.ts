/** Verbs on the store of a program that is stopped: made again from the journal, exported, imported. The same from both stores. */
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { exportRows } from "../../src/export-rows-verb.ts";
import type { Kind } from "../../src/exchange/kinds.ts";
import { importRows } from "../../src/import-verb.ts";
import { openJournalAlone, rebuildStore } from "../../src/rebuild-store-verb.ts";
import { loadSettings } from "../../src/settings.ts";
import { openStore } from "../../src/stores.ts";
import type { ThreadedStore } from "../../src/store/threaded.ts";
import { type CityDay, writeCityDay } from "../program/city-day.ts";
import { influxdMissing, type Server, startInfluxd } from "../program/databases.ts";

const skip = influxdMissing();
const TABLES: readonly (readonly [Kind, "csv" | "parquet" | "ndjson"])[] = (["readings", "alerts", "days"] as const).flatMap((kind) =>
  (["csv", "parquet", "ndjson"] as const).map((format) => [kind, format] as const),
);
let directory: string;
let data: string;
let day: CityDay;
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

async function withStore<T>(flags: Flags, use: (store: ThreadedStore) => Promise<T>): Promise<T> {
  const settings = loadSettings(flags, {}, undefined);
  const journal = await openJournalAlone(settings.data);
  try {
    const store = await openStore(settings, settings.timezone, journal, () => undefined);
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  } finally {
    await journal.close();
  }
}

/** Everything, without the numbers of a journal where they are to be another's. */
function contentsOf(flags: Flags, numbers = true) {
  return withStore(flags, async (store) => {
    const readings = [];
    for (const liftId of day.liftIds) readings.push((await store.readings({ liftId, limit: 100_000 })).rows);
    const alerts = (await store.alerts({ limit: 10_000 })).rows;
    const histories = [];
    for (const { id } of alerts) histories.push(await store.history(id));
    return {
      readings: numbers ? readings : readings.map((rows) => rows.map((row) => ({ ...row, entry: 0 }))),
      alerts,
      histories: numbers ? histories : histories.map((changes) => changes.map((change) => ({ ...change, n: 0, seq: 0 }))),
      days: await store.days({}),
      ...(numbers ? { quarantined: await store.quarantined(1_000), offset: store.offset, storedReadings: store.storedReadings } : {}),
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
  day = await writeCityDay(data, { hours: 1, minutes: 2, every: 1, snapshotEvery: 500 });
  if (!skip) influxd = await startInfluxd();
  await rebuildStore(kept(data));
}, 180_000);

afterAll(async () => {
  await influxd?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

describe("rebuild-store", () => {
  it("makes everything from an entry on again, and nothing twice", async () => {
    const before = await contentsOf(kept(data));
    expect(before.readings.flat().length).toBeGreaterThan(500);
    await rebuildStore({ ...kept(data), from: "700" });
    expect(await contentsOf(kept(data))).toEqual(before);
    await rebuildStore(kept(data));
    expect(await contentsOf(kept(data))).toEqual(before);
  }, 180_000);

  it("moves a damaged file aside, deletes none, and fills another", async () => {
    const before = await contentsOf(kept(data));
    for (const _ of [1, 2]) {
      const file = await open(join(data, "store", "store.duckdb"), "r+");
      await file.write(Buffer.alloc(8_192, 0xa5), 0, 8_192, 0);
      await file.close();
      await rebuildStore(kept(data));
    }
    expect(await contentsOf(kept(data))).toEqual(before);
    expect((await readdir(join(data, "store"))).filter((name) => !name.endsWith(".wal")).sort()).toEqual([
      "store.duckdb",
      "store.duckdb.broken",
      "store.duckdb.broken-2",
    ]);
  }, 180_000);

  it("says what the journal no longer has, and leaves what an empty store gets nothing of", async () => {
    const told = await said("stderr", () => rebuildStore({ ...kept(data), from: "701", fresh: true }));
    expect(told).toContain("entries 1 to 700: the store has nothing of them, and gets nothing");
    const found = await contentsOf(kept(data));
    expect(Math.min(...found.readings.flat().map(({ entry }) => entry as number))).toBeGreaterThan(700);
    await rebuildStore(kept(data));
  }, 180_000);

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

describe.skipIf(skip)("export and import", () => {
  it("give the same bytes of the same rows whichever store they are of", async () => {
    const flags = inInflux(data, "exported");
    await rebuildStore(flags);
    for (const [kind, format] of [...TABLES, ["quarantine", "csv"], ["quarantine", "ndjson"]] as const) {
      for (const [name, own] of [
        ["embedded", kept(data)],
        ["influx", flags],
      ] as const)
        if (name === "embedded" || format !== "parquet") await exportRows(kind, { ...own, format, out: at(`${name}-${kind}.${format}`) });
      if (format === "parquet") continue;
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
    const before = await contentsOf(kept(data), false);
    for (const [index, format] of (["csv", "parquet", "ndjson"] as const).entries()) {
      const flags = format === "ndjson" ? inInflux(await emptySite(), "imported") : kept(await emptySite());
      for (const [again, round] of ["once", "twice"].entries()) {
        for (const kind of ["readings", "alerts", "days"] as const) {
          const file = at(`${index === 2 ? "influx" : "embedded"}-${kind}.${format}`);
          const report = JSON.parse(await said("stdout", () => importRows(file, { ...flags, json: true }))) as Record<string, number>;
          expect(report, `${kind} ${round} from ${format}`).toMatchObject({ kind, bad: 0, tooOld: 0 });
          expect(report[again === 0 ? "added" : "present"], `${kind} ${round} from ${format}`).toBe(report["rows"]);
        }
      }
      expect(await contentsOf(flags, false), format).toEqual(before);
    }
  }, 180_000);

  it("add nothing to the store that they are of, and outlast its being made again", async () => {
    const before = await contentsOf(kept(data));
    const report = await said("stdout", () => importRows(at("embedded-readings.csv"), { ...kept(data), json: true }));
    expect(JSON.parse(report)).toMatchObject({ added: 0 });
    expect(await contentsOf(kept(data))).toEqual(before);
    const line =
      '{"liftId":"OLD-1","channel":"speed","late":false,"entry":7,"index":0,"receivedAt":1700000000000,"at":1700000000000,"seq":1,"speedMps":1.5}\n';
    await writeFile(at("old.ndjson"), line);
    await importRows(at("old.ndjson"), kept(data));
    await rebuildStore(kept(data));
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
