/** A backup that is taken while the program runs under load is the run up to one entry, and goes on from there; an export is the rows of then. */
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Alert } from "../../src/core/effects.ts";
import { liftIds, publication, RATED_MPS } from "../program/lift-script.ts";
import { OutsidePublisher } from "../program/outside.ts";
import { linesOf } from "../program/replay.ts";
import { alertsOf, readingsOf } from "../program/rest.ts";
import { type Exit, freePort, type Ledger, openSite, runVerb, serve, type Site, stored } from "../program/run.ts";

const LIFTS = 12;
const IDS = liftIds(LIFTS);
const GATEWAYS = 4;
const BACKLOG_MS = 6 * 3_600_000;
const TOKEN = "a-secret\n";
const EXPORTS = [
  ["readings", "csv"],
  ["quarantine", "csv"],
] as const;

interface Told {
  readonly position: number;
  readonly storeOffset: number;
  readonly files: number;
}

let site: Site;
let directory: string;
let startAt: number;
/** Taken under load. */
let told: Told;
/** Readings acknowledged before the backup began, and when it had ended. */
let before: number;
let after: number;
/** Of the program itself, at its end. */
let original: Ledger;
let acknowledged: number;
let stopped: Exit;

const at = (name: string): string => join(directory, name);

async function verb(...args: string[]) {
  const finished = await runVerb(args);
  if (finished.code !== 0) throw new Error(`${args.join(" ")} ended with ${String(finished.code)}: ${finished.stderr}`);
  return finished;
}

/** What the store has now, in a file whose name says in which format. */
function exported(kind: string, name: string, ...more: string[]) {
  return verb("export", kind, "--data", site.data, "--format", name.split(".").at(-1)!, "--out", at(name), ...more);
}

async function changesOf(data: string, to: number): Promise<string[]> {
  const file = at(`alerts-${to}-${Math.random().toString(36).slice(2)}.ndjson`);
  await verb("replay", data, "--to", String(to), "--alerts", file);
  return linesOf(await readFile(file, "utf8"));
}

/** Every file of a data directory with its bytes and permissions. */
async function contentsOf(data: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(data, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return new Map(
    await Promise.all(
      names.map(async ({ parentPath, name }): Promise<[string, string]> => {
        const path = join(parentPath, name);
        return [
          path.slice(data.length + 1),
          `${((await stat(path)).mode & 0o777).toString(8)} ${(await readFile(path)).toString("base64")}`,
        ];
      }),
    ),
  );
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hoistway-backup-"));
  site = await openSite(IDS.map((liftId) => ({ liftId, ratedSpeedMps: RATED_MPS })));
  await mkdir(join(site.data, "credentials"), { recursive: true, mode: 0o700 });
  await writeFile(join(site.data, "credentials", "admin-token"), TOKEN, { mode: 0o600 });
  await using program = await serve(site, { mqttPort: await freePort() });
  startAt = Date.now() - BACKLOG_MS;
  using publisher = new OutsidePublisher(program.mqttPort, LIFTS, GATEWAYS, startAt);
  await publisher.more(5_000);
  before = publisher.acknowledged;
  const [finished] = await Promise.all([
    verb("backup", "--data", site.data, "--to", at("backup"), "--json"),
    exported("readings", "loaded.ndjson"),
    publisher.more(500),
  ]);
  after = publisher.acknowledged;
  told = JSON.parse(finished.stdout) as Told;
  await publisher.more(500);
  const sums = await publisher.stop();
  original = await stored(program.rest);
  acknowledged = Object.values(sums.acknowledged).reduce((sum, count) => sum + count, 0);
  const taken = [...EXPORTS, ["readings", "parquet"], ["alerts", "ndjson"]] as const;
  for (const [kind, format] of taken) await exported(kind, `running-${kind}.${format}`);
  stopped = await program.kill("SIGTERM");
}, 240_000);

afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

describe("a backup under load", () => {
  it("costs the program that goes on nothing", () => {
    expect(original).toMatchObject({ accepted: acknowledged, pending: 0 });
    expect(stopped).toMatchObject({ code: 0 });
  });

  it("is of one instant: the store in it is not ahead of the journal in it", () => {
    expect(told.position).toBeGreaterThan(0);
    expect(told.storeOffset).toBeGreaterThan(0);
    expect(told.storeOffset).toBeLessThanOrEqual(told.position);
  });

  it("restores to a site that has every reading and alert up to that entry, once, and goes on", async () => {
    await using restored = await openSite(IDS.map((liftId) => ({ liftId, ratedSpeedMps: RATED_MPS })));
    await verb("restore", "--from", at("backup"), "--data", restored.data);
    const changes = await changesOf(restored.data, told.position);
    expect(changes.length).toBeGreaterThan(50);
    expect(changes, "as in the original, up to the entry").toEqual(await changesOf(site.data, told.position));

    await using program = await serve(restored);
    expect(program.process.stderr).not.toMatch(/moved aside|lost|damage/);
    const ledger = await stored(program.rest);
    expect(ledger).toMatchObject({ quarantined: 0, duplicate: 0, pending: 0 });
    expect(ledger.accepted, "nothing that was acknowledged before it began is missing").toBeGreaterThanOrEqual(before);
    expect(ledger.accepted).toBeLessThanOrEqual(after + GATEWAYS * 8);
    let sum = 0;
    for (const liftId of IDS) {
      const rows = await readingsOf(program.rest, liftId);
      expect(rows.map(({ seq, at: deviceTime }) => [seq, deviceTime])).toEqual(rows.map((_, seq) => [seq, startAt + seq * 1_000]));
      sum += rows.length;
    }
    expect(sum).toBe(ledger.accepted);
    const newest = new Map(changes.map((line) => (JSON.parse(line) as { alert: Alert }).alert).map((alert) => [alert.id, alert]));
    // Time has gone on since it started: what is still, has been so for longer by now.
    const alerts = await alertsOf(program.rest);
    expect(alerts.filter(({ id, entries }) => newest.has(id) || entries.first <= told.position)).toHaveLength(newest.size);
    const unchanged = alerts.filter(({ entries }) => entries.last <= told.position);
    expect(unchanged).toEqual(unchanged.map(({ id }) => newest.get(id)));
    expect(unchanged.length).toBeGreaterThan(50);

    const [liftId = ""] = IDS;
    const next = (await readingsOf(program.rest, liftId)).length;
    const client = await connectAsync(`mqtt://127.0.0.1:${program.mqttPort}`);
    const { topic, payload } = publication(liftId, next, startAt);
    await client.publishAsync(topic, payload, { qos: 1 });
    await client.endAsync();
    expect(await stored(program.rest)).toMatchObject({ accepted: ledger.accepted + 1, duplicate: 0 });
  });

  it("keeps secrets to their owner", async () => {
    for (const root of [at("backup"), at("backup-of-modes")]) {
      if (root.endsWith("modes")) await verb("restore", "--from", at("backup"), "--data", root);
      const file = join(root, "credentials", "admin-token");
      expect([await readFile(file, "utf8"), (await stat(file)).mode & 0o777, (await stat(root)).mode & 0o077]).toEqual([TOKEN, 0o600, 0]);
    }
  });
});

describe("a backup of a program that is stopped", () => {
  it("restores to the same files with the same permissions", async () => {
    await verb("backup", "--data", site.data, "--to", at("stopped"));
    await verb("restore", "--from", at("stopped"), "--data", at("same"));
    const [original, restored] = [new Map(await contentsOf(site.data)), await contentsOf(at("same"))];
    original.delete(join("journal", "lock"));
    expect([...restored.keys()].sort()).toEqual([...original.keys()].sort());
    for (const [path, contents] of original) expect(restored.get(path) === contents, path).toBe(true);
  });
});

describe("an export", () => {
  it("takes whole rows from the program under load: of each lift all up to some reading, each once", async () => {
    const rows = linesOf(await readFile(at("loaded.ndjson"), "utf8")).map((line) => JSON.parse(line) as { liftId: string; seq: number });
    for (const id of IDS) {
      const numbers = rows.filter(({ liftId }) => liftId === id).map(({ seq }) => seq);
      expect(numbers, id).toEqual(numbers.map((_, seq) => seq));
    }
    expect(rows.length).toBeGreaterThan(before / 2);
  });

  it("has the same rows of the program that runs as of its store when that is stopped", async () => {
    for (const [kind, format] of EXPORTS) {
      await exported(kind, `stopped-${kind}.${format}`);
      const [running, later] = await Promise.all(["running", "stopped"].map((when) => readFile(at(`${when}-${kind}.${format}`))));
      expect(running!.equals(later!), `${kind} as ${format}`).toBe(true);
    }
    expect(linesOf(await readFile(at("running-readings.csv"), "utf8"))).toHaveLength(acknowledged + 1);
    // Time went on before it was stopped, so an alert that was open may have changed; what was over is as it was.
    await exported("alerts", "stopped-alerts.ndjson");
    const [running, later] = await Promise.all(["running", "stopped"].map((when) => readFile(at(`${when}-alerts.ndjson`), "utf8")));
    const over = linesOf(running!).filter((line) => (JSON.parse(line) as { state: string }).state === "cleared");
    const known = new Set(linesOf(later!));
    expect(over.filter((line) => !known.has(line))).toEqual([]);
    expect(over.length).toBeGreaterThan(50);
    // Parquet's bytes depend on the threads that wrote it; its rows are those that the store has.
    const count = await verb("import", at("running-readings.parquet"), "--data", site.data, "--json");
    expect(JSON.parse(count.stdout)).toMatchObject({ rows: acknowledged, added: 0, present: acknowledged, bad: 0 });
  });
});

describe("restore", () => {
  it("refuses a directory that has something in it, and changes nothing there", async () => {
    const refused = await runVerb(["restore", "--from", at("backup"), "--data", site.data]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("is not empty");
  });

  it("names each file that is missing or has changed, and leaves nothing", async () => {
    await verb("backup", "--data", site.data, "--to", at("damaged"));
    const { files } = JSON.parse(await readFile(at("damaged/backup.json"), "utf8")) as { files: { path: string }[] };
    const segment = files.find(({ path }) => path.endsWith(".segment"))?.path ?? "";
    await chmod(at(`damaged/${segment}`), 0o600);
    const handle = await open(at(`damaged/${segment}`), "r+");
    await handle.write(Buffer.from([0xff]), 0, 1, 1_000);
    await handle.close();
    await rm(at("damaged/store/store.duckdb"));
    const failed = await runVerb(["restore", "--from", at("damaged"), "--data", at("target/data")]);
    const refused = await runVerb(["restore", "--from", at("damaged"), "--data", at("target")]);
    expect(failed.code).toBe(2);
    expect(failed.stderr).toContain("cannot be written");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/segment: has changed \(SHA-256/);
    expect(refused.stderr).toMatch(/store\.duckdb: is missing/);
    expect((await readdir(directory)).filter((name) => /target|restore-/.test(name))).toEqual([]);
  });

  it("refuses a backup that was never finished", async () => {
    await mkdir(at("unfinished"));
    const refused = await runVerb(["restore", "--from", at("unfinished"), "--data", at("nothing")]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("expected a backup that was finished");
  });
});

describe("backup", () => {
  it("refuses a target with something in it, a target within the data directory, and what is no data directory", async () => {
    for (const [data, to, words] of [
      [site.data, at("backup"), "is not empty"],
      [site.data, join(site.data, "inside"), "expected a directory outside of it"],
      [directory, at("another"), "holds no journal"],
    ] as const) {
      const refused = await runVerb(["backup", "--data", data, "--to", to]);
      expect(refused, words).toMatchObject({ code: 2, stdout: "" });
      expect(refused.stderr).toContain(words);
    }
    await rm(join(site.data, "inside"), { recursive: true });
  });

  it("finds the data directory where the environment says, as serve does", async () => {
    const refused = await runVerb(["backup", "--to", at("another")], { HOISTWAY_DATA: directory });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(`--data ${directory}: holds no journal`) });
  });
});
