/** Between the journal's bytes and the core's entries: what is appended, and what it reads as. */
import { isUtf8 } from "node:buffer";
import { LIMITS } from "../config.ts";
import type { Act, Entry, Refusal, WorkOrder } from "../core/entry.ts";
import type { LiftRecord } from "../core/lift.ts";
import type { Rules } from "../core/rules.ts";
import { carriedEntry, type CorruptEntry } from "./entry-text.ts";
import type { Draft, JournalRecord } from "./journal.ts";

/** Lifts in one part of the register, unless their bytes allow fewer. */
const LIFTS_PER_PART = 1_000;
/** Room for the part's own JSON and the frame around it. */
const PART_BYTES = LIMITS.journal.recordBytes - 1_024;
const NO_BYTES = new Uint8Array(0);
const TICK: Draft = Object.freeze({ kind: "tick", source: "", topic: "", payload: NO_BYTES, refusal: null });

/** One MQTT publish, its bytes as they came. */
export function draftOfMessage(topic: string, payload: Uint8Array, source: string, refusal: Refusal | null): Draft {
  return { kind: "message", source, topic, payload, refusal };
}

export function draftOfTick(): Draft {
  return TICK;
}

export function draftOfAct({ act, alertId, by, note, reason, until, minutes }: Act): Draft {
  return draftOfJson("act", by, { act, alertId, by, note, reason, until, minutes } satisfies Act);
}

export function draftOfWorkOrder({ liftId, work, by, note }: WorkOrder): Draft {
  return draftOfJson("work-order", by, { liftId, work, by, note } satisfies WorkOrder);
}

export function draftOfRules(rules: Rules): Draft {
  return draftOfJson("rules", "", rules);
}

/**
 * The register in parts that each fit a record; at least one, so that an empty register replaces another too. They are
 * to be appended in a row: the register takes effect with the last.
 */
export function draftsOfRegister(lifts: readonly LiftRecord[]): Draft[] {
  const parts: LiftRecord[][] = [[]];
  let partBytes = 0;
  for (const lift of lifts) {
    const bytes = Buffer.byteLength(JSON.stringify(lift)) + 1;
    const part = parts.at(-1) as LiftRecord[];
    if (part.length > 0 && (part.length >= LIFTS_PER_PART || partBytes + bytes > PART_BYTES)) {
      parts.push([lift]);
      partBytes = bytes;
    } else {
      part.push(lift);
      partBytes += bytes;
    }
  }
  return parts.map((lifts, part) => draftOfJson("register", "", { part, parts: parts.length, lifts }));
}

/** The record as the core sees it. Never throws: what is no entry is answered as `corrupt`. */
export function toEntry(record: JournalRecord): Entry | CorruptEntry {
  const { kind, seq, receivedAt } = record;
  switch (kind) {
    case "message":
      return {
        kind,
        seq,
        receivedAt,
        topic: record.topic,
        payload: textOf(record.payload),
        source: record.source,
        refusal: record.refusal,
      };
    case "tick":
      return { kind, seq, receivedAt };
    case "act":
    case "register":
    case "rules":
    case "work-order":
      return carriedEntry(kind, textOf(record.payload) ?? "", seq, receivedAt);
    default:
      return kind satisfies never;
  }
}

/** The bytes as text, or null where they are not UTF-8. */
function textOf(payload: Uint8Array): string | null {
  if (!isUtf8(payload)) return null;
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  return bytes.toString("utf8");
}

function draftOfJson(kind: "act" | "register" | "rules" | "work-order", source: string, value: unknown): Draft {
  return { kind, source, topic: "", payload: Buffer.from(JSON.stringify(value)), refusal: null };
}
