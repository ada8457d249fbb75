/**
 * From a message to readings, by contract §2. A bad reading is refused with where, what was found and what was expected;
 * the rest of its array is taken. The zod schemas of reading.ts are the single source, compiled once.
 */
import { z } from "zod";
import type { Quarantined } from "./effects.ts";
import type { MessageEntry } from "./entry.ts";
import { CHANNELS, readingSchemas, type Channel, type Reading } from "./reading.ts";
import { LIFT_ID } from "./lift.ts";

/** At most so many readings in one payload (contract §2). */
const READINGS_PER_PAYLOAD = 500;
/** How much of what was found goes into a message for people. */
const FOUND_CHARS = 80;

/** What is wrong with a message or a reading: `reason` is a stable code, `path` where, `message` one sentence. */
export class Defect {
  readonly reason: string;
  readonly path: string;
  readonly message: string;
  constructor(reason: string, path: string, message: string) {
    this.reason = reason;
    this.path = path;
    this.message = message;
  }
}

/** What is kept of a refused reading; the journal keeps the whole. */
export function quarantine(entry: MessageEntry, index: number, { reason, path, message }: Defect, excerptChars: number): Quarantined {
  const { seq, receivedAt, topic, source } = entry;
  return { entry: seq, index, receivedAt, topic, source, reason, path, message, excerpt: (entry.payload ?? "").slice(0, excerptChars) };
}

export interface DecodedTopic {
  readonly liftId: string;
  readonly channel: Channel;
}

/** Half the time of a parse. A page's policy forbids to build code: there the schemas judge as they are, to the same end. */
const quick: <T extends z.ZodType>(schema: T) => T = z.config().jitless === true ? (schema) => schema : z.compile;

const door = quick(readingSchemas.door);
const speed = quick(readingSchemas.speed);
const fault = quick(readingSchemas.fault);
const status = quick(readingSchemas.status);
const online = quick(readingSchemas.online);

/** Not a table by name: V8 searches one anew for each reading. */
function schemaOf(channel: Channel): z.ZodType<Reading> {
  switch (channel) {
    case "door":
      return door;
    case "speed":
      return speed;
    case "fault":
      return fault;
    case "status":
      return status;
    case "online":
      return online;
    default:
      return channel satisfies never;
  }
}

const PREFIX = "lifts/";

/** Reads `lifts/{liftId}/{channel}`. */
export function decodeTopic(topic: string): DecodedTopic | Defect {
  if (!topic.startsWith(PREFIX)) return topicDefect("topic-unknown", topic, "expected lifts/{liftId}/{channel}");
  const slash = topic.indexOf("/", PREFIX.length);
  if (slash < 0) return topicDefect("topic-unknown", topic, "expected lifts/{liftId}/{channel}");
  const liftId = topic.slice(PREFIX.length, slash);
  const channel = topic.slice(slash + 1);
  if (!LIFT_ID.test(liftId)) return topicDefect("lift-id-invalid", topic, "expected a liftId of 1 to 64 of A-Z a-z 0-9 _ -");
  if (!isChannel(channel)) return topicDefect("channel-unknown", topic, `expected one of ${CHANNELS.join(", ")}`);
  return { liftId, channel };
}

/** Payload text to one raw reading or an array of them, not yet checked one by one. */
export function decodePayload(entry: MessageEntry): unknown {
  if (entry.payload === null) return new Defect("payload-not-utf8", "", "found bytes that are not UTF-8; expected JSON text");
  let value = entry.parsed;
  if (value === undefined)
    try {
      value = JSON.parse(entry.payload);
    } catch (error) {
      return new Defect("payload-not-json", "", `expected JSON: ${shorten((error as Error).message)}`);
    }
  if (!Array.isArray(value)) return value;
  if (value.length === 0) return new Defect("payload-empty", "", "found an empty array; expected 1 to 500 readings");
  if (value.length > READINGS_PER_PAYLOAD)
    return new Defect("payload-too-many", "", `found ${value.length} readings; expected at most ${READINGS_PER_PAYLOAD}`);
  return value;
}

/** One raw reading, checked. `index` is its place in an array payload, or -1 for a payload that is one reading. */
export function decodeReading(channel: Channel, raw: unknown, index: number): Reading | Defect {
  const parsed = schemaOf(channel).safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = [...(index < 0 ? [] : [index]), ...(issue?.path ?? [])].join(".");
  let found: unknown = raw;
  for (const key of issue?.path ?? []) found = (found as Record<PropertyKey, unknown> | null | undefined)?.[key];
  const seen = shorten(found === undefined ? "nothing" : stringify(found));
  return new Defect("reading-invalid", path, `${shorten(issue?.message ?? "invalid")}; found ${seen}`);
}

function isChannel(text: string): text is Channel {
  return (CHANNELS as readonly string[]).includes(text);
}

function topicDefect(reason: string, topic: string, expected: string): Defect {
  return new Defect(reason, "", `${expected}; found ${shorten(topic)}`);
}

function shorten(text: string): string {
  return text.length > FOUND_CHARS ? `${text.slice(0, FOUND_CHARS)}…` : text;
}

/** Never throws: what was parsed from JSON can be written as JSON, but depth can exhaust the stack. */
function stringify(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return JSON.stringify(value);
}
