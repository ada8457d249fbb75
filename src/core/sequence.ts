/**
 * Order and identity of one lift's readings (law L4). (liftId, boot, seq) identifies a reading: the second one is a
 * duplicate. A gap in `seq` holds later readings back for a while; order restored within it is as if it had never been
 * lost; what comes later still is late. Plain data, so that it goes into a snapshot as it is.
 */
import type { StoredReading } from "./effects.ts";
import type { OnlineReading } from "./reading.ts";

/** What is known of one boot's numbers: all below `next` were seen but those in `missing`; beyond it only `ahead`. */
interface BootSequence {
  readonly boot: string;
  next: number;
  /** Flat, ascending, disjoint pairs [from, to], inclusive. */
  missing: number[];
  /** Numbers at or beyond `next` that were already taken: wills, which do not wait for their turn. */
  ahead: number[];
}

export interface LiftSequence {
  current: BootSequence | null;
  /** Earlier boots, newest first. */
  older: BootSequence[];
  /** Readings of the current boot that wait for a gap to close, ascending by `seq`. */
  held: StoredReading[];
}

export interface SequenceLimits {
  readonly reorderHoldMs: number;
  readonly heldReadings: number;
  readonly missingRanges: number;
  readonly olderBoots: number;
}

/**
 * A boot that is first heard at a small number other than 0 or 1 is taken to have its beginning still on the way, so
 * it waits like any gap; at a large number it was running before we listened, and nothing is missing (assumption).
 */
const YOUNG_BOOT_SEQ = 64;

export function newSequence(): LiftSequence {
  return { current: null, older: [], held: [] };
}

/**
 * What becomes of a reading: `judge` it now (and then whatever `takeReady` gives), it is `late`, a `duplicate`, or `held`.
 * When a new boot begins, readings held for the old one are put into `released`, in order, to be judged first.
 */
export function place(
  sequence: LiftSequence,
  arrived: StoredReading,
  limits: SequenceLimits,
  released: StoredReading[],
): "judge" | "late" | "duplicate" | "held" {
  const { seq, boot = "" } = arrived.reading;
  let current = sequence.current;
  if (isWill(arrived)) return placeWill(sequence, boot, seq, limits);
  if (current === null || current.boot !== boot) {
    const older = sequence.older.find((candidate) => candidate.boot === boot);
    if (older !== undefined) return placeOlder(older, seq, limits);
    if (current !== null) {
      releaseUpTo(sequence, sequence.held.length - 1, limits, released);
      sequence.older.unshift(current);
      if (sequence.older.length > limits.olderBoots) sequence.older.length = limits.olderBoots;
    }
    const young = seq > 1 && seq <= YOUNG_BOOT_SEQ;
    current = { boot, next: young ? 0 : seq, missing: [], ahead: [] };
    sequence.current = current;
  }
  if (seq === current.next) {
    current.next = seq + 1;
    skipAhead(current);
    return "judge";
  }
  if (seq < current.next) return fillMissing(current, seq) ? "late" : "duplicate";
  if (current.ahead.includes(seq)) return "duplicate";
  return hold(sequence, arrived) ? "held" : "duplicate";
}

/** Moves held readings whose turn has come to `ready`, in order. */
export function takeReady(sequence: LiftSequence, ready: StoredReading[]): void {
  const { current, held } = sequence;
  if (current === null || held.length === 0) return;
  let count = 0;
  for (const arrived of held) {
    if (arrived.reading.seq !== current.next) break;
    current.next += 1;
    skipAhead(current);
    ready.push(arrived);
    count += 1;
  }
  if (count > 0) held.splice(0, count);
}

/** Gives up the gaps before every reading that has been held since `heldSince` or longer; puts what is free into `ready`. */
export function giveUp(sequence: LiftSequence, heldSince: number, limits: SequenceLimits, ready: StoredReading[]): void {
  let last = -1;
  for (const [index, arrived] of sequence.held.entries()) if (arrived.receivedAt <= heldSince) last = index;
  if (sequence.held.length > limits.heldReadings) last = Math.max(last, sequence.held.length - limits.heldReadings - 1);
  releaseUpTo(sequence, last, limits, ready);
  takeReady(sequence, ready);
}

/** A broker sends the will in the device's name: it may come at any moment and takes no part in the device's order. */
export function isWill(arrived: StoredReading): boolean {
  return arrived.channel === "online" && !(arrived.reading as OnlineReading).online;
}

function placeWill(sequence: LiftSequence, boot: string, seq: number, limits: SequenceLimits): "judge" | "duplicate" {
  const known = sequence.current?.boot === boot ? sequence.current : sequence.older.find((candidate) => candidate.boot === boot);
  if (known === undefined) {
    // Remembered as an earlier boot, so that the retained will, sent again by a broker, is known as a duplicate.
    sequence.older.unshift({ boot, next: seq + 1, missing: seq > 0 ? [0, seq - 1] : [], ahead: [] });
    if (sequence.older.length > limits.olderBoots) sequence.older.length = limits.olderBoots;
    return "judge";
  }
  if (seq < known.next) return fillMissing(known, seq) ? "judge" : "duplicate";
  if (known.ahead.includes(seq) || sequence.held.some((held) => known === sequence.current && held.reading.seq === seq)) return "duplicate";
  if (seq === known.next) {
    known.next = seq + 1;
    skipAhead(known);
  } else {
    known.ahead.push(seq);
    if (known.ahead.length > limits.missingRanges) known.ahead.shift();
  }
  return "judge";
}

function placeOlder(boot: BootSequence, seq: number, limits: SequenceLimits): "late" | "duplicate" {
  if (seq < boot.next) return fillMissing(boot, seq) ? "late" : "duplicate";
  if (boot.ahead.includes(seq)) return "duplicate";
  addMissing(boot, boot.next, seq - 1, limits);
  boot.next = seq + 1;
  return "late";
}

function hold(sequence: LiftSequence, arrived: StoredReading): boolean {
  const { held } = sequence;
  let index = held.length;
  while (index > 0 && (held[index - 1]?.reading.seq ?? 0) >= arrived.reading.seq) index -= 1;
  if (held[index]?.reading.seq === arrived.reading.seq) return false;
  held.splice(index, 0, arrived);
  return true;
}

function releaseUpTo(sequence: LiftSequence, last: number, limits: SequenceLimits, ready: StoredReading[]): void {
  const { current, held } = sequence;
  if (current === null || last < 0) return;
  for (let index = 0; index <= last; index++) {
    const arrived = held[index];
    if (arrived === undefined) break;
    const { seq } = arrived.reading;
    if (seq > current.next) addMissing(current, current.next, seq - 1, limits);
    current.next = seq + 1;
    skipAhead(current);
    ready.push(arrived);
  }
  held.splice(0, last + 1);
}

function skipAhead(boot: BootSequence): void {
  while (boot.ahead.length > 0) {
    const index = boot.ahead.indexOf(boot.next);
    if (index < 0) return;
    boot.ahead.splice(index, 1);
    boot.next += 1;
  }
}

function addMissing(boot: BootSequence, from: number, to: number, limits: SequenceLimits): void {
  if (to < from) return;
  let start = from;
  for (const seq of boot.ahead.filter((taken) => taken >= from && taken <= to).sort((a, b) => a - b)) {
    if (seq > start) boot.missing.push(start, seq - 1);
    start = seq + 1;
  }
  boot.ahead = boot.ahead.filter((taken) => taken > to);
  if (start <= to) boot.missing.push(start, to);
  if (boot.missing.length > limits.missingRanges * 2) boot.missing.splice(0, boot.missing.length - limits.missingRanges * 2);
}

/** Takes `seq` out of the missing ranges; false when it is not missing. */
function fillMissing(boot: BootSequence, seq: number): boolean {
  const { missing } = boot;
  for (let index = missing.length - 2; index >= 0; index -= 2) {
    const from = missing[index] ?? 0;
    const to = missing[index + 1] ?? -1;
    if (seq > to) return false;
    if (seq < from) continue;
    const parts: number[] = [];
    if (from < seq) parts.push(from, seq - 1);
    if (seq < to) parts.push(seq + 1, to);
    missing.splice(index, 2, ...parts);
    return true;
  }
  return false;
}
