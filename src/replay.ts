/** `replay`: a recording or a copied journal through the monitor, offline, as fast as it goes. The same function as live. */
import { createReadStream, createWriteStream, existsSync, statSync } from "node:fs";
import { isUtf8 } from "node:buffer";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { z } from "zod";
import { systemClock } from "./clock.ts";
import type { Change } from "./core/effects.ts";
import type { Entry } from "./core/entry.ts";
import { createMonitor } from "./core/monitor.ts";
import { UsageError } from "./errors.ts";
import { changeFrame } from "./feed/frames.ts";
import { openJournal } from "./journal/open.ts";
import { emptyMonitor, monitorAt, readEntries } from "./recovery.ts";
import { loadRegister } from "./register.ts";
import { readRules } from "./rules-file.ts";
import { log } from "./serve.ts";
import { openSnapshots } from "./snapshots.ts";

interface ReplayFlags {
  readonly fleet?: string;
  readonly rules?: string;
  readonly timezone: string;
  readonly alerts?: string;
}

/** EPOCH of the cursors of a recording, which has no journal. */
const RECORDING = "recording";
const TICK_MS = 1_000;
/** Longest stretch without a line over which ticks are made: a day; beyond it the recording is two recordings. */
const TICKS_MOST = 86_400;

export async function replay(path: string, flags: ReplayFlags): Promise<void> {
  const output = flags.alerts === undefined ? process.stdout : createWriteStream(flags.alerts);
  const lines = statOf(path).isDirectory() ? replayJournal(path, flags) : replayRecording(path, flags);
  await pipeline(lines, output, { end: flags.alerts !== undefined });
}

/** Lines of the alerts file of a journal: what its live run told, byte for byte (law L2). */
async function* replayJournal(path: string, flags: ReplayFlags): AsyncGenerator<string> {
  if (flags.fleet !== undefined || flags.rules !== undefined) throw new UsageError("--fleet, --rules: a journal carries its own");
  // A copied data directory has snapshots beside the journal: where its beginning was deleted, the oldest one stands in for it.
  const whole = existsSync(join(path, "journal"));
  const journal = await openJournal({
    directory: whole ? join(path, "journal") : path,
    clock: systemClock(),
    maxBytes: Number.MAX_SAFE_INTEGER,
    maxAgeMs: Number.MAX_SAFE_INTEGER,
    onFatal: (error) => {
      throw error;
    },
  });
  try {
    let monitor = emptyMonitor();
    if (journal.firstSeq > 1) {
      const snapshots = whole ? await openSnapshots(join(path, "snapshots"), journal.lastSeq) : null;
      const oldest = snapshots?.positions().find((position) => position >= journal.firstSeq - 1);
      if (snapshots == null || oldest === undefined) {
        throw new UsageError(
          `${path}: the journal begins at entry ${journal.firstSeq}; expected a data directory with a snapshot to begin from`,
        );
      }
      monitor = await monitorAt(snapshots, oldest);
    }
    for await (const entries of readEntries(journal, monitor.position + 1, (reason) => log(`journal: ${reason}; it was passed over`))) {
      for (const entry of entries) for (const change of monitor.apply(entry).changes) yield line(journal.id, change);
    }
  } finally {
    await journal.close();
  }
}

async function* replayRecording(file: string, flags: ReplayFlags): AsyncGenerator<string> {
  const register = flags.fleet === undefined ? [] : loadRegister("--fleet", flags.fleet);
  const monitor = createMonitor(register, readRules(flags.rules, flags.timezone));
  for await (const entry of readRecording(file)) for (const change of monitor.apply(entry).changes) yield line(RECORDING, change);
}

function line(epoch: string, change: Change): string {
  return `${JSON.stringify(changeFrame(epoch, change))}\n`;
}

const recordedSchema = z.union([
  z.object({ receivedAt: z.int().min(0), tick: z.literal(true) }),
  z.object({ receivedAt: z.int().min(0), topic: z.string(), payload: z.unknown().refine((value) => value !== undefined) }),
  z.object({ receivedAt: z.int().min(0), topic: z.string(), payloadBase64: z.base64() }),
]);

/**
 * Entries of a recording (contract §3), numbered from 1, with a tick for each second of receivedAt that has none.
 * @throws UsageError naming the line that is not one of a recording, or that goes back in time.
 */
async function* readRecording(file: string): AsyncGenerator<Entry> {
  const raw = createReadStream(file);
  const input = file.endsWith(".gz") ? raw.pipe(createGunzip()) : raw;
  let seq = 0;
  let number = 0;
  let last = -1;
  let nextTick = -1;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    number += 1;
    if (text === "") continue;
    const recorded = parseLine(text, `${file}: line ${number}`);
    const { receivedAt } = recorded;
    if (receivedAt < last)
      throw new UsageError(`${file}: line ${number}, receivedAt: found ${receivedAt} after ${last}; expected it not to decrease`);
    if (nextTick < 0 || receivedAt - nextTick > TICKS_MOST * TICK_MS) nextTick = Math.ceil(receivedAt / TICK_MS) * TICK_MS;
    for (; nextTick < receivedAt; nextTick += TICK_MS) {
      seq += 1;
      yield { kind: "tick", seq, receivedAt: nextTick };
    }
    last = receivedAt;
    seq += 1;
    if ("tick" in recorded) {
      nextTick = receivedAt + TICK_MS;
      yield { kind: "tick", seq, receivedAt };
    } else yield { kind: "message", seq, receivedAt, topic: recorded.topic, payload: payloadText(recorded), source: "", refusal: null };
  }
}

function parseLine(text: string, where: string): z.infer<typeof recordedSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${where}: expected JSON (${(error as Error).message})`);
  }
  const parsed = recordedSchema.safeParse(value);
  if (!parsed.success)
    throw new UsageError(`${where}: expected {"receivedAt","topic","payload"}, {…"payloadBase64"} or {"receivedAt","tick":true}`);
  return parsed.data;
}

/** The text that the device sent, as far as a recording keeps it: null where it was not UTF-8. */
function payloadText(recorded: { readonly payload: unknown } | { readonly payloadBase64: string }): string | null {
  if ("payload" in recorded) return JSON.stringify(recorded.payload);
  const bytes = Buffer.from(recorded.payloadBase64, "base64");
  return isUtf8(bytes) ? bytes.toString() : null;
}

function statOf(path: string): ReturnType<typeof statSync> & object {
  try {
    return statSync(path);
  } catch (error) {
    throw new UsageError(`${path}: cannot be read (${(error as Error).message})`);
  }
}
