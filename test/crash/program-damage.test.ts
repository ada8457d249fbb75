/** The whole program after its disk was damaged: it starts, says what it found, and the journal has what a view has lost. */
import { cp, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { contents, type Contents, LIFT_IDS, livedThrough, openLiftSite } from "../program/contents.ts";
import type { KillRun } from "../program/kill-run.ts";
import { publication } from "../program/lift-script.ts";
import type { Alert } from "../../src/core/effects.ts";
import { openJournalAlone } from "../../dist/src/journal/open-alone.js";
import { replayLines, storedChanges } from "../program/replay.ts";
import { readingsOf } from "../program/rest.ts";
import { ledgerOf, PATIENCE, serve, type Site, stored } from "../program/run.ts";

/** Changes the bytes of a file from `at` on. */
async function damage(file: string, at: number, bytes: number): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const was = Buffer.alloc(bytes);
    await handle.read(was, 0, bytes, at);
    await handle.write(
      was.map((byte) => byte ^ 0xa5),
      0,
      bytes,
      at,
    );
  } finally {
    await handle.close();
  }
}

const storeFile = (site: Site) => join(site.data, "store", "store.duckdb");

async function newestSegment(site: Site): Promise<string> {
  const names = (await readdir(join(site.data, "journal"))).filter((name) => name.endsWith(".segment")).sort();
  const name = names.at(-1);
  if (name === undefined) throw new Error("the journal has no segment");
  return join(site.data, "journal", name);
}

/** DuckDB's file: three headers of 4 KiB, then blocks. */
const BLOCKS_FROM = 12_288;
const BLOCK_BYTES = 262_144;

let lived: Site;
let run: KillRun;
/** Newest entry of the run. */
let last: number;

beforeAll(async () => {
  lived = await openLiftSite();
  run = await livedThrough(lived, 2);
  const journal = await openJournalAlone(lived.data);
  last = journal.lastSeq;
  await journal.close();
}, 120_000);
afterAll(() => lived[Symbol.asyncDispose]());

function alertsOfRun({ alerts }: Contents): Map<string, Alert> {
  return new Map(alerts.filter(({ entries }) => entries.first <= last).map((alert) => [alert.id, alert]));
}

/** The same as of the run's end. Time goes on while a program runs: a lift that stands still has done so for longer by then. */
function expectSame(found: Contents, before: Contents, what: string): void {
  expect({ ...found, alerts: null }, what).toEqual({ ...before, alerts: null });
  const [now, then] = [alertsOfRun(found), alertsOfRun(before)];
  expect(new Set(now.keys()), what).toEqual(new Set(then.keys()));
  const settled = [...now.values()].filter(({ id, entries }) => entries.last <= last && then.get(id)!.entries.last <= last);
  expect(settled, what).toEqual(settled.map(({ id }) => then.get(id)));
  expect(settled.length, what).toBeGreaterThan(3);
}

/** A site that has lived through the run, to be damaged. */
async function copyOfLived(): Promise<Site> {
  const site = await openLiftSite();
  await cp(lived.data, site.data, { recursive: true });
  return site;
}

/** Starts with a damaged store and reads everything: it was made again, it was whole where it matters, or its health tells. */
async function lookAround(site: Site): Promise<{ readonly outcome: "made again" | "whole" | "told"; readonly found: Contents | null }> {
  await using program = await serve(site);
  try {
    const found = await contents(program);
    return { outcome: program.process.stderr.includes("moved aside") ? "made again" : "whole", found };
  } catch (error) {
    const { status, body } = await program.rest.get("/api/health");
    if (status !== 503 || !JSON.stringify(body).includes("checksum")) throw error;
    return { outcome: "told", found: null };
  } finally {
    await program.kill("SIGKILL");
  }
}

describe("a start after damage", () => {
  it("finds a store that cannot be read, says so, moves it aside and makes it again from the journal", async () => {
    const { size } = await stat(storeFile(lived));
    const before = await (async () => {
      await using site = await copyOfLived();
      await using program = await serve(site);
      return await contents(program);
    })();
    const truncateTo = async (site: Site, bytes: number) => {
      const handle = await open(storeFile(site), "r+");
      await handle.truncate(bytes);
      await handle.close();
    };
    const MADE_AGAIN = /store: .*moved aside and made again from the journal/;
    const damages: [what: string, told: RegExp, act: (site: Site) => Promise<void>][] = [
      ["the magic bytes", MADE_AGAIN, (site) => damage(storeFile(site), 0, 64)],
      ["half of it", MADE_AGAIN, (site) => truncateTo(site, Math.floor(size / 2))],
      ["a byte", MADE_AGAIN, (site) => truncateTo(site, 1)],
      ["all of it", /^/, (site) => rm(join(site.data, "store"), { recursive: true })],
    ];
    const trials = damages.map(([what, told, act]) => async (site: Site) => {
      await act(site);
      await using program = await serve(site);
      expect(program.process.stderr, what).toMatch(told);
      expectSame(await contents(program), before, what);
    });
    // A flipped block is found at the start, or when it is read; or nobody ever needs it. It is never answered from.
    const outcomes = new Map<string, number>();
    for (let at = BLOCKS_FROM; at < size; at += BLOCK_BYTES)
      trials.push(async (site) => {
        await damage(storeFile(site), at + 1_000, 64);
        const { outcome, found } = await lookAround(site);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (found !== null) expectSame(found, before, `block at ${at}: ${outcome}`);
      });
    // Two at a time, each on a site of its own: a start waits a good part of its time.
    const lane = async () => {
      for (let trial = trials.shift(); trial !== undefined; trial = trials.shift()) {
        await using site = await copyOfLived();
        await trial(site);
      }
    };
    await Promise.all([lane(), lane()]);
    expect(outcomes.get("told"), "blocks that are read late").toBeGreaterThan(0);
    expect(outcomes.get("made again"), "blocks that are read at the start").toBeGreaterThan(0);
  });

  it("finds a torn end of the journal, reports it, and goes on without a gap", async () => {
    await using site = await copyOfLived();
    {
      await using program = await serve(site);
      await stored(program.rest);
      await program.kill("SIGKILL");
    }
    // What a write that was under way leaves: the beginning of a frame, never acknowledged.
    const handle = await open(await newestSegment(site), "a");
    await handle.write(Buffer.from("5a".repeat(777), "hex"));
    await handle.close();
    await using program = await serve(site);
    expect(program.process.stderr).toMatch(/journal: torn-tail in \S+ at byte \d+/);
    const total = Object.values(run.sent).reduce((sum, count) => sum + count, 0);
    expect(await stored(program.rest)).toMatchObject({ accepted: total, stored: total });
    const client = await connectAsync(`mqtt://127.0.0.1:${program.mqttPort}`, { reconnectPeriod: 0 });
    const count = run.sent["K00"] ?? 0;
    const next = publication("K00", count, run.startAt);
    await client.publishAsync(next.topic, next.payload, { qos: 1 });
    await client.endAsync();
    await vi.waitFor(async () => expect(await readingsOf(program.rest, "K00")).toHaveLength(count + 1), PATIENCE);
    expect(await ledgerOf(program.rest)).toMatchObject({ accepted: total + 1, late: 0 });
  });

  it("that cost the journal entries which the store has seen makes the store again, and tells what was lost", async () => {
    await using site = await copyOfLived();
    const segment = await newestSegment(site);
    const { size } = await stat(segment);
    const handle = await open(segment, "r+");
    await handle.truncate(size - 4_000);
    await handle.close();
    await using program = await serve(site);
    const ledger = await stored(program.rest);
    const total = Object.values(run.sent).reduce((sum, count) => sum + count, 0);
    expect(ledger.accepted).toBeLessThan(total);
    expect(ledger.accepted).toBeGreaterThan(0);
    const rows = await Promise.all(LIFT_IDS.map((liftId) => readingsOf(program.rest, liftId)));
    expect(rows.reduce((sum, some) => sum + some.length, 0)).toBe(ledger.stored);
    // What devices send again is taken again, once.
    const client = await connectAsync(`mqtt://127.0.0.1:${program.mqttPort}`, { reconnectPeriod: 0 });
    for (const liftId of LIFT_IDS) {
      for (let seq = Math.max(0, (run.sent[liftId] ?? 0) - 100); seq < (run.sent[liftId] ?? 0); seq += 1) {
        const { topic, payload } = publication(liftId, seq, run.startAt);
        await client.publishAsync(topic, payload, { qos: 1 });
      }
    }
    await client.endAsync();
    expect(await stored(program.rest)).toMatchObject({ accepted: total, stored: total });
    for (const liftId of LIFT_IDS) {
      expect((await readingsOf(program.rest, liftId)).map(({ seq }) => seq)).toEqual(
        Array.from({ length: run.sent[liftId] ?? 0 }, (_, seq) => seq),
      );
    }
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    expect(await storedChanges(site, run.journalId)).toEqual(await replayLines(site));
  });
});
