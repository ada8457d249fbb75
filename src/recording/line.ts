/**
 * Lines of a recording (contract §3, docs/replay.md). A message is `{"receivedAt","topic","payload"}` with the payload's own text, so
 * that nothing is lost by reading and writing numbers; `payloadBase64` where that is not JSON. Everything else is a tick line, and
 * what it carries more than a tick is an added field: whoever knows the contract alone can read every line.
 */
import { isUtf8 } from "node:buffer";
import { z } from "zod";
import type { Entry, EntryKind, Refusal } from "../core/entry.ts";
import { toEntry } from "../journal/entries.ts";
import { KINDS } from "../journal/frame.ts";
import type { JournalRecord } from "../journal/journal.ts";

/** First line of what we export: whose numbers the lines have, and that every tick is in it. */
export interface RecordingHead {
  readonly kind: "head";
  /** EPOCH of the cursors of the run that was recorded. */
  readonly journal: string;
  /** Number of the first entry that follows. */
  readonly first: number;
}

/** A part of the monitor's state before the first entry, as text; all parts together are JSON. */
export interface RecordedState {
  readonly kind: "state";
  readonly part: number;
  readonly parts: number;
  readonly text: string;
}

/** A line, not numbered yet: `seq` is null where it is the one after the line before. */
export interface RecordedEntry {
  readonly kind: "entry";
  readonly receivedAt: number;
  readonly seq: number | null;
  /** @returns the entry; or what is wrong with what the line carries. */
  toEntry(seq: number): (Entry & { readonly bytes?: Uint8Array }) | { readonly problem: string };
}

export type RecordedLine = RecordingHead | RecordedState | RecordedEntry;

const VERSION = 1;
/** What a tick line may carry that makes it another entry. */
const CARRIED = KINDS.filter((kind) => kind !== "message" && kind !== "tick");
/** Length of the parts into which a state is cut, so that lines stay bounded. */
const STATE_PART_CHARS = 512 * 1024;
const NO_BYTES = new Uint8Array(0);

export function headLine(receivedAt: number, journal: string, first: number, last: number): string {
  return `{"receivedAt":${receivedAt},"tick":true,"recording":${JSON.stringify({ version: VERSION, journal, first, last })}}\n`;
}

export function stateLines(receivedAt: number, state: unknown): string[] {
  const text = JSON.stringify(state);
  const parts = Math.max(1, Math.ceil(text.length / STATE_PART_CHARS));
  return Array.from({ length: parts }, (_, part) => {
    const piece = text.slice(part * STATE_PART_CHARS, (part + 1) * STATE_PART_CHARS);
    return `{"receivedAt":${receivedAt},"tick":true,"state":${JSON.stringify({ part, parts, text: piece })}}\n`;
  });
}

/** The line of a record; with its number where it does not follow the line before. Null for what is no entry. */
export function entryLine(record: JournalRecord, stated: boolean): string | null {
  const { kind, receivedAt, seq } = record;
  const head = `{"receivedAt":${receivedAt},${stated ? `"seq":${seq},` : ""}`;
  if (kind === "tick") return `${head}"tick":true}\n`;
  const text = jsonText(record.payload);
  if (kind !== "message") return text === null ? null : `${head}"tick":true,"${kind}":${text}}\n`;
  const { source, refusal, topic, payload } = record;
  const from = source === "" ? "" : `"source":${JSON.stringify(source)},`;
  const refused = refusal === null ? "" : `"refusal":"${refusal}",`;
  const said = text === null ? `"payloadBase64":"${Buffer.from(payload).toString("base64")}"` : `"payload":${text}`;
  return `${head}${from}${refused}"topic":${JSON.stringify(topic)},${said}}\n`;
}

/** The payload as text on one line, where it is JSON: line breaks in JSON stand between its words only. */
function jsonText(payload: Uint8Array): string | null {
  if (payload.length === 0 || !isUtf8(payload)) return null;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString("utf8");
  if (!isJson(text)) return null;
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]/g, " ") : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const time = z.int().min(0);
const refusals: readonly Refusal[] = ["topic-not-authorized", "topic-invalid", "payload-too-large"];
const given = z.unknown().refine((value) => value !== undefined);
const message = {
  receivedAt: time,
  seq: z.int().min(0).optional(),
  source: z.string().optional(),
  refusal: z.enum(refusals).optional(),
  topic: z.string(),
};
const lineSchema = z.union([
  z.looseObject({
    receivedAt: time,
    seq: z.int().min(0).optional(),
    tick: z.literal(true),
    recording: z.object({ version: z.int(), journal: z.string().min(1), first: z.int().min(1) }).optional(),
    state: z.object({ part: z.int().min(0), parts: z.int().min(1), text: z.string() }).optional(),
  }),
  z.object({ ...message, payload: given }),
  z.object({ ...message, payloadBase64: z.base64() }),
]);

/** Most lines are messages in the order of fields in which they are written: those are cut, not parsed and built again. */
const MESSAGE =
  /^\{"receivedAt":(\d{1,15}),(?:"seq":(\d{1,15}),)?(?:"source":("(?:[^"\\]|\\.)*"),)?(?:"refusal":"([a-z-]+)",)?"topic":("(?:[^"\\]|\\.)*"),"payload":/;
const TICK = /^\{"receivedAt":(\d{1,15}),(?:"seq":(\d{1,15}),)?"tick":true\}$/;

/** Reads a line; or says what is wrong with it. */
export function parseLine(text: string): RecordedLine | { readonly problem: string } {
  const tick = TICK.exec(text);
  if (tick !== null) return entry(Number(tick[1]), tick[2] === undefined ? null : Number(tick[2]), "tick", NO_BYTES);
  const quick = parseMessage(text);
  if (quick !== null) return quick;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `expected JSON (${(error as Error).message})` };
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) return { problem: 'expected {"receivedAt","topic","payload"}, {…"payloadBase64"} or {"receivedAt","tick":true}' };
  const line = parsed.data;
  const seq = line.seq ?? null;
  if (!("tick" in line)) {
    const bytes = "payload" in line ? null : Buffer.from(line.payloadBase64, "base64");
    const words = "payload" in line ? JSON.stringify(line.payload) : bytes !== null && isUtf8(bytes) ? bytes.toString() : null;
    return said(line.receivedAt, seq, line.topic, words, line.source ?? "", line.refusal ?? null, bytes);
  }
  const { recording, state } = line;
  if (recording !== undefined) {
    if (recording.version > VERSION)
      return { problem: `recording.version: found ${recording.version}, of a later Hoistway; expected at most ${VERSION}` };
    return { kind: "head", journal: recording.journal, first: recording.first };
  }
  if (state !== undefined) return { kind: "state", ...state };
  const carried = CARRIED.find((kind) => line[kind] !== undefined);
  const bytes = carried === undefined ? NO_BYTES : Buffer.from(JSON.stringify(line[carried]));
  return entry(line.receivedAt, seq, carried ?? "tick", bytes);
}

/** A message whose fields stand in our order; null for any other line, which may still be one. */
function parseMessage(text: string): RecordedEntry | null {
  const cut = MESSAGE.exec(text);
  if (cut === null || !text.endsWith("}")) return null;
  const [head, receivedAt, seq, source = '""', refusal = null, topic = '""'] = cut;
  const payload = text.slice(head.length, -1);
  // Whole JSON up to the last brace: then the line is this message and nothing else.
  if (!isJson(payload) || (refusal !== null && !isRefusal(refusal))) return null;
  // Nearly always: no need to parse what has no escapes.
  if (`${source}${topic}`.includes("\\") && !(isJson(source) && isJson(topic))) return null;
  return said(Number(receivedAt), seq === undefined ? null : Number(seq), unquoted(topic), payload, unquoted(source), refusal);
}

/** The text of a JSON string. */
function unquoted(json: string): string {
  return json.includes("\\") ? (JSON.parse(json) as string) : json.slice(1, -1);
}

function isRefusal(text: string): text is Refusal {
  return (refusals as readonly string[]).includes(text);
}

function said(
  receivedAt: number,
  stated: number | null,
  topic: string,
  payload: string | null,
  source: string,
  refusal: Refusal | null,
  bytes: Uint8Array | null = null,
): RecordedEntry {
  return {
    kind: "entry",
    receivedAt,
    seq: stated,
    toEntry(seq) {
      const message = { kind: "message" as const, seq, receivedAt, topic, payload, source, refusal };
      return payload === null && bytes !== null ? { ...message, bytes } : message;
    },
  };
}

/** What is no message goes the way of the journal's own records, so that it is checked as they are. */
function entry(receivedAt: number, stated: number | null, kind: EntryKind, payload: Uint8Array): RecordedEntry {
  return {
    kind: "entry",
    receivedAt,
    seq: stated,
    toEntry(seq) {
      const made = toEntry({ kind, seq, receivedAt, source: "", topic: "", payload, refusal: null });
      return made.kind === "corrupt" ? { problem: made.reason } : made;
    },
  };
}
