/**
 * A day of a simulated city as a journal: lifts of all kinds on a network that loses, doubles and delays, what befalls them by the city's own
 * rates, messages that are no good, and an operator who answers. Of some hours some minutes are taken, so that a day is seconds to write.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "../../src/config.ts";
import type { Entry } from "../../src/core/entry.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { draftOfAct, draftOfMessage, draftOfRules, draftOfTick, draftsOfRegister, toEntry } from "../../src/journal/entries.ts";
import type { Draft } from "../../src/journal/journal.ts";
import { openJournal } from "../../src/journal/open.ts";
import { readLines } from "../../src/files/lines.ts";
import { emptyMonitor } from "../../src/recovery.ts";
import { loadRegister } from "../../src/register/register.ts";
import { openSnapshots } from "../../src/snapshots.ts";
import { runVerb } from "./run.ts";

const HOUR_MS = 3_600_000;
/** Not each second, so that a day is few entries. */
const TICK_MS = 10_000;
const RECORDED = ["--scenario", "city", "--devices", "city", "--network", "bad", "--seed", "20261122"];
const ACKNOWLEDGED = { act: "acknowledge", by: "Li Wei", reason: null, until: null, minutes: null } as const;

export interface CityDay {
  readonly liftIds: readonly string[];
  /** First and last ms. */
  readonly from: number;
  readonly to: number;
  readonly lastSeq: number;
}

export interface CityDayOptions {
  /** So many minutes are taken in so many hours. */
  readonly minutes: number;
  readonly every: number;
  readonly hours: number;
  /** Of the city's, in the register's order. */
  readonly lifts: number;
  /** Default the program's. */
  readonly segmentBytes?: number;
  /** Entries after which a snapshot is written; default none. */
  readonly snapshotEvery?: number;
}

/** Writes the journal of a data directory. */
export async function writeCityDay(data: string, options: CityDayOptions): Promise<CityDay> {
  const { minutes, every, hours, lifts, segmentBytes = LIMITS.journal.segmentBytes, snapshotEvery = Infinity } = options;
  const directory = await mkdtemp(join(tmpdir(), "hoistway-city-"));
  const [fleet, recording] = [join(directory, "fleet.csv"), join(directory, "day.ndjson")];
  let now = 0;
  const journal = await openJournal({
    directory: join(data, "journal"),
    clock: { now: () => now },
    maxBytes: Infinity,
    maxAgeMs: Infinity,
    segmentBytes,
    onFatal(error) {
      throw error;
    },
  });
  try {
    await verb("fleet", "generate", "--city", "shaoguan", "--out", fleet);
    await verb(
      "simulate",
      "--fleet",
      fleet,
      "--lifts",
      String(lifts),
      ...RECORDED,
      "--duration",
      String(hours * 3_600),
      "--out",
      recording,
    );
    const register = loadRegister("--fleet", fleet).slice(0, lifts);
    const snapshots = await openSnapshots(join(data, "snapshots"), Infinity);
    const monitor = emptyMonitor();
    let seq = 0;
    let waiting = 0;
    let idle: (() => void) | null = null;
    const append = async (draft: Draft): Promise<void> => {
      seq += 1;
      waiting += 1;
      journal.append(draft, (error) => {
        if (error !== null) throw error;
        if (--waiting === 0) idle?.();
      });
      const entry = toEntry({ ...draft, seq, receivedAt: now });
      const effects = monitor.apply(entry as Entry);
      // The operator answers each third alert, now and then in words.
      for (const { n, change, alert } of effects.changes)
        if (change === "raised" && n % 3 === 0)
          await append(draftOfAct({ ...ACKNOWLEDGED, alertId: alert.id, note: n % 2 === 0 ? '已通知 "A, B"' : null }));
      if (seq % snapshotEvery === 0) await snapshots.write(seq, monitor.snapshot());
      if (waiting > LIMITS.journal.slots * 5_000) await new Promise<void>((resolve) => (idle = resolve));
    };

    let first = 0;
    let ticked = 0;
    let count = 0;
    for await (const line of readLines("--out", recording, LIMITS.recording.lineBytes)) {
      // Most lines are not wanted: only their time is read.
      const time = "text" in line ? /^\{"receivedAt":(\d+)/.exec(line.text)?.[1] : undefined;
      if (time === undefined || !("text" in line)) throw new Error(`${recording}: line ${line.number} is none of a recording`);
      const receivedAt = Number(time);
      if (first === 0) {
        first = receivedAt;
        now = first;
        ticked = first;
        for (const draft of draftsOfRegister(register)) await append(draft);
        await append(draftOfRules(DEFAULT_RULES));
      }
      if ((receivedAt - first) % (every * HOUR_MS) >= minutes * 60_000) continue;
      for (; ticked + TICK_MS <= receivedAt; ticked += TICK_MS) {
        now = ticked + TICK_MS;
        await append(draftOfTick());
      }
      now = receivedAt;
      const message = JSON.parse(line.text) as { topic: string; payload?: unknown; payloadBase64?: string };
      count += 1;
      const { topic, payload, payloadBase64 } = message;
      const said = payloadBase64 === undefined ? Buffer.from(JSON.stringify(payload)) : Buffer.from(payloadBase64, "base64");
      const nonsense = Buffer.from(`{"at":${now},"seq":"no, \\"${count}\\"\\n"}`);
      await append(draftOfMessage(topic, count % 500 === 0 ? nonsense : said, "gateway-1", null));
    }
    for (; ticked < first + hours * HOUR_MS; ticked += TICK_MS) {
      now = ticked + TICK_MS;
      await append(draftOfTick());
    }
    if (waiting > 0) await new Promise<void>((resolve) => (idle = resolve));
    return { liftIds: register.map(({ liftId }) => liftId), from: first, to: now, lastSeq: seq };
  } finally {
    await journal.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function verb(...args: string[]): Promise<void> {
  const finished = await runVerb(args);
  if (finished.code !== 0) throw new Error(`${args.join(" ")}: ${finished.stderr}`);
}
