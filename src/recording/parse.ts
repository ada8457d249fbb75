/**
 * Reads lines of a recording (contract §3, docs/replay.md). A message is `{"receivedAt","topic","payload"}` with the payload's own
 * text, so that nothing is lost by reading and writing numbers; `payloadBase64` where that is not JSON. Everything else is a tick
 * line, and what it carries more than a tick is an added field: whoever knows the contract alone can read every line. Pure, so that
 * a browser replays what the program replays.
 */
import { z } from "zod";
import type { Entry, Refusal } from "../core/entry.ts";
import { CARRIED_KINDS, carriedEntry, type CarriedKind } from "../journal/entry-text.ts";

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

export const RECORDING_VERSION = 1;
/** As Node's own reading of bytes: nothing mended, no mark of byte order taken away. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

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
  if (tick !== null) return tickOrCarried(Number(tick[1]), tick[2] === undefined ? null : Number(tick[2]), null, "");
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
    const bytes = "payload" in line ? null : bytesOf(line.payloadBase64);
    const words = "payload" in line ? JSON.stringify(line.payload) : textOf(bytes);
    return said(
      line.receivedAt,
      seq,
      line.topic,
      words,
      line.source ?? "",
      line.refusal ?? null,
      words === null ? undefined : parsedJson(words),
      bytes,
    );
  }
  const { recording, state } = line;
  if (recording !== undefined) {
    if (recording.version > RECORDING_VERSION)
      return { problem: `recording.version: found ${recording.version}, of a later Hoistway; expected at most ${RECORDING_VERSION}` };
    return { kind: "head", journal: recording.journal, first: recording.first };
  }
  if (state !== undefined) return { kind: "state", ...state };
  const carried = CARRIED_KINDS.find((kind) => line[kind] !== undefined) ?? null;
  return tickOrCarried(line.receivedAt, seq, carried, carried === null ? "" : JSON.stringify(line[carried]));
}

/** A message whose fields stand in our order; null for any other line, which may still be one. */
function parseMessage(text: string): RecordedEntry | null {
  const cut = MESSAGE.exec(text);
  if (cut === null || !text.endsWith("}")) return null;
  const [head, receivedAt, seq, source = '""', refusal = null, topic = '""'] = cut;
  const payload = text.slice(head.length, -1);
  // Whole JSON up to the last brace: then the line is this message and nothing else.
  const parsed = parsedJson(payload);
  if (parsed === undefined || (refusal !== null && !isRefusal(refusal))) return null;
  // Nearly always: no need to parse what has no escapes.
  if (`${source}${topic}`.includes("\\") && !(isJson(source) && isJson(topic))) return null;
  return said(Number(receivedAt), seq === undefined ? null : Number(seq), unquoted(topic), payload, unquoted(source), refusal, parsed);
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
  parsed: unknown,
  bytes: Uint8Array | null = null,
): RecordedEntry {
  return {
    kind: "entry",
    receivedAt,
    seq: stated,
    toEntry(seq) {
      const message = { kind: "message" as const, seq, receivedAt, topic, payload, parsed, source, refusal };
      return payload === null && bytes !== null ? { ...message, bytes } : message;
    },
  };
}

/** What is no message goes the way of the journal's own records, so that it is checked as they are. */
function tickOrCarried(receivedAt: number, stated: number | null, kind: CarriedKind | null, text: string): RecordedEntry {
  return {
    kind: "entry",
    receivedAt,
    seq: stated,
    toEntry(seq) {
      if (kind === null) return { kind: "tick", seq, receivedAt };
      const made = carriedEntry(kind, text, seq, receivedAt);
      return made.kind === "corrupt" ? { problem: made.reason } : made;
    },
  };
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/** Null where the bytes are not UTF-8. */
function textOf(bytes: Uint8Array | null): string | null {
  try {
    return bytes === null ? null : UTF8.decode(bytes);
  } catch {
    return null;
  }
}

/** Whether a text is JSON and nothing else. */
export function isJson(text: string): boolean {
  return parsedJson(text) !== undefined;
}

/** What a text says as JSON; undefined where it is not JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
