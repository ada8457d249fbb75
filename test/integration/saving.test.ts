/** Snapshots made by a thread that folds the journal, beside the program that goes on writing it. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import type { Monitor } from "../../src/core/monitor.ts";
import { draftOfMessage, draftOfTick, draftsOfRegister } from "../../src/journal/entries.ts";
import type { Draft, Journal } from "../../src/journal/journal.ts";
import { openJournal } from "../../src/journal/open.ts";
import { emptyMonitor, entriesOf, monitorAt } from "../../src/recovery.ts";
import { createSaver, type Saver } from "../../src/saving.ts";
import { openSnapshots, readSnapshots, writeSnapshot, type Snapshots } from "../../src/snapshots.ts";
import { liftIds, publication, RATED_MPS } from "../program/lift-script.ts";

const START = Date.UTC(2026, 10, 22, 8);
const LIFTS = liftIds(6);

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A journal and the monitor that follows it, as in the program; each minute every lift goes through all its hazards once. */
class Site {
  readonly logged: string[] = [];
  readonly data: string;
  readonly monitor: Monitor = emptyMonitor();
  readonly journal: Journal;
  readonly snapshots: Snapshots;
  readonly saver: Saver;
  #now = START;
  #minutes = 0;

  static async open(): Promise<Site> {
    const data = await mkdtemp(join(tmpdir(), "hoistway-saving-"));
    cleanUps.push(() => rm(data, { recursive: true, force: true }));
    let site: Site | undefined;
    const journal = await openJournal({
      directory: join(data, "journal"),
      clock: { now: () => site?.tell() ?? START },
      maxBytes: Infinity,
      maxAgeMs: Infinity,
      onFatal(error) {
        throw error;
      },
    });
    cleanUps.push(() => journal.close());
    site = new Site(data, journal, await openSnapshots(join(data, "snapshots"), journal.lastSeq));
    const register = LIFTS.map((liftId) => ({ liftId, kind: "passenger" as const, ratedSpeedMps: RATED_MPS }));
    await site.append(draftsOfRegister(register));
    return site;
  }

  private constructor(data: string, journal: Journal, snapshots: Snapshots) {
    this.data = data;
    this.journal = journal;
    this.snapshots = snapshots;
    journal.onCommit((records) => {
      for (const entry of entriesOf(records, (reason) => this.logged.push(reason))) this.monitor.apply(entry);
    });
    this.saver = createSaver({
      data,
      snapshots,
      monitor: this.monitor,
      journal,
      neededFrom: () => Infinity,
      held: () => false,
      log: (line) => this.logged.push(line),
      every: { entries: 1, ms: Infinity },
    });
  }

  tell(): number {
    return this.#now;
  }

  async append(drafts: readonly Draft[]): Promise<void> {
    await Promise.all(
      drafts.map(
        (draft) =>
          new Promise<void>((resolve, reject) => {
            this.journal.append(draft, (error) => (error === null ? resolve() : reject(error)));
          }),
      ),
    );
  }

  async liveAMinute(): Promise<void> {
    for (let second = 0; second < 60; second++) {
      this.#now = START + (this.#minutes * 60 + second) * 1_000;
      const messages = LIFTS.map((liftId) => {
        const { topic, payload } = publication(liftId, this.#minutes * 60 + second, START);
        return draftOfMessage(topic, Buffer.from(payload), liftId, null);
      });
      await this.append([...messages, draftOfTick()]);
    }
    this.#minutes += 1;
  }

  /** The text of the snapshot that stands at an entry. */
  async saved(position: number): Promise<string> {
    await vi.waitUntil(() => this.snapshots.positions().includes(position), { timeout: 60_000 });
    const text = await readFile(join(this.data, "snapshots", `${String(position).padStart(16, "0")}.json`), "utf8");
    return text.slice(text.indexOf("\n") + 1);
  }
}

test("a thread writes, byte for byte, the state that the program had at that entry, from the beginning and from a snapshot on", async () => {
  const site = await Site.open();
  for (let minute = 0; minute < 3; minute++) {
    await site.liveAMinute();
    const { position } = site.monitor;
    const state = JSON.stringify(site.monitor.snapshot());
    site.saver.whenDue();
    // What comes while the thread is at it does not belong to the snapshot.
    await site.liveAMinute();
    expect(await site.saved(position)).toBe(state);
    // The one before it is needed no more.
    await vi.waitFor(() => expect(site.snapshots.positions()).toEqual([position]));
  }
  expect(site.monitor.changeCount).toBeGreaterThan(LIFTS.length * 6);
  expect(site.logged).toEqual([]);
});

test("the program writes its own state where the journal cannot be read again, and says why", async () => {
  const site = await Site.open();
  await site.liveAMinute();
  const journal = join(site.data, "journal");
  const segment = (await readdir(journal)).find((name) => /^\d+/.test(name));
  const bytes = await readFile(join(journal, segment!));
  bytes[bytes.length >> 1]! ^= 0xff;
  await writeFile(join(journal, segment!), bytes);
  const state = JSON.stringify(site.monitor.snapshot());
  site.saver.whenDue();
  expect(await site.saved(site.monitor.position)).toBe(state);
  expect(site.logged).toEqual([expect.stringMatching(/^snapshot: not made by the thread \(journal: corrupt in .+ lost\); made here/)]);
});

test("the program writes its own state where the journal folds to another one", async () => {
  const site = await Site.open();
  await site.liveAMinute();
  // A state that the journal does not tell of: as a mistake in the fold would leave it.
  site.monitor.apply({
    kind: "message",
    seq: site.monitor.position,
    receivedAt: START + 59_000,
    topic: "nonsense",
    payload: "",
    source: "",
    refusal: null,
  });
  const state = JSON.stringify(site.monitor.snapshot());
  site.saver.whenDue();
  expect(await site.saved(site.monitor.position)).toBe(state);
  expect(site.logged).toEqual([expect.stringContaining("the journal folds to")]);
});

test("a program that ends does not wait for the thread, and its last state is saved", async () => {
  const site = await Site.open();
  await site.liveAMinute();
  site.saver.whenDue();
  await site.liveAMinute();
  await site.saver.close();
  expect(await site.saved(site.monitor.position)).toBe(JSON.stringify(site.monitor.snapshot()));
  expect(site.logged).toEqual([]);
});

test("a snapshot that another version wrote is passed over, for an older one or for none", async () => {
  const site = await Site.open();
  await site.liveAMinute();
  const directory = join(site.data, "snapshots");
  await writeSnapshot(directory, 100, { format: 1, position: 100 });
  expect((await monitorAt(await readSnapshots(directory), 1_000)).position).toBe(0);
  await writeSnapshot(directory, 50, { ...(emptyMonitor().snapshot() as object), position: 50 });
  expect((await monitorAt(await readSnapshots(directory), 1_000)).position).toBe(50);
});
