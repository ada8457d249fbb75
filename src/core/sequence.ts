/**
 * Order and identity of one lift's readings (law L4). (liftId, boot, seq) identifies a reading: the second one is a
 * duplicate. A gap in `seq` holds later readings back for a while; order restored within it is as if it had never been
 * lost; what comes later still is late. Plain data, so that it goes into a snapshot as it is.
 */
import type { StoredReading } from "./effects.ts";
import type { OnlineReading } from "./reading.ts";

/**
 * What is known of one boot's numbers: all below `next` were seen but those in `missing`; beyond it only `ahead`. Lists are
 * null while they are empty: most lifts never need one, and even an empty one is memory of its own, and far away.
 */
interface BootSequence {
  readonly boot: string;
  next: number;
  /** Flat, ascending, disjoint pairs [from, to], inclusive. */
  missing: number[] | null;
  /** Numbers at or beyond `next` that were already taken: wills, which do not wait for their turn. */
  ahead: number[] | null;
}

/** The current boot's numbers, and what else waits or is remembered. */
export interface LiftSequence {
  /** Null before the first reading that takes part in the order. */
  boot: string | null;
  next: number;
  missing: number[] | null;
  ahead: number[] | null;
  /** Readings of the current boot that wait for a gap to close, ascending by `seq`. */
  held: StoredReading[] | null;
  /** Earlier boots, newest first. */
  older: BootSequence[] | null;
  /** Newest device time of each kind of a foreign device's messages, which have no numbers of their own. */
  foreign: { readonly key: string; at: number }[] | null;
}

type Numbers = Pick<BootSequence, "next" | "missing" | "ahead">;

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
  return { boot: null, next: 0, missing: null, ahead: null, held: null, older: null, foreign: null };
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
  if (isWill(arrived)) return placeWill(sequence, boot, seq, limits);
  if (sequence.boot !== boot) {
    const older = olderBoot(sequence, boot);
    if (older !== undefined) return placeOlder(older, seq, limits);
    if (sequence.boot !== null) {
      releaseUpTo(sequence, (sequence.held?.length ?? 0) - 1, limits, released);
      remember(sequence, { boot: sequence.boot, next: sequence.next, missing: sequence.missing, ahead: sequence.ahead }, limits);
    }
    const young = seq > 1 && seq <= YOUNG_BOOT_SEQ;
    sequence.boot = boot;
    sequence.next = young ? 0 : seq;
    sequence.missing = null;
    sequence.ahead = null;
  }
  if (seq === sequence.next) {
    advance(sequence, seq);
    return "judge";
  }
  if (seq < sequence.next) return fillMissing(sequence, seq) ? "late" : "duplicate";
  if (sequence.ahead?.includes(seq) === true) return "duplicate";
  return hold(sequence, arrived) ? "held" : "duplicate";
}

/** Moves held readings whose turn has come to `ready`, in order. */
export function takeReady(sequence: LiftSequence, ready: StoredReading[]): void {
  const { held } = sequence;
  if (held === null) return;
  let count = 0;
  for (const arrived of held) {
    if (arrived.reading.seq !== sequence.next) break;
    advance(sequence, sequence.next);
    ready.push(arrived);
    count += 1;
  }
  letGo(sequence, count);
}

/** Gives up the gaps before every reading that has been held since `heldSince` or longer; puts what is free into `ready`. */
export function giveUp(sequence: LiftSequence, heldSince: number, limits: SequenceLimits, ready: StoredReading[]): void {
  const { held } = sequence;
  if (held === null) return;
  let last = -1;
  for (const [index, arrived] of held.entries()) if (arrived.receivedAt <= heldSince) last = index;
  if (held.length > limits.heldReadings) last = Math.max(last, held.length - limits.heldReadings - 1);
  releaseUpTo(sequence, last, limits, ready);
  takeReady(sequence, ready);
}

/** A broker sends the will in the device's name: it may come at any moment and takes no part in the device's order. */
export function isWill(arrived: StoredReading): boolean {
  return arrived.channel === "online" && !(arrived.reading as OnlineReading).online;
}

function placeWill(sequence: LiftSequence, boot: string, seq: number, limits: SequenceLimits): "judge" | "duplicate" {
  const isCurrent = sequence.boot === boot;
  const known = isCurrent ? sequence : olderBoot(sequence, boot);
  if (known === undefined) {
    // Remembered as an earlier boot, so that the retained will, sent again by a broker, is known as a duplicate.
    remember(sequence, { boot, next: seq + 1, missing: seq > 0 ? [0, seq - 1] : null, ahead: null }, limits);
    return "judge";
  }
  if (seq < known.next) return fillMissing(known, seq) ? "judge" : "duplicate";
  if (known.ahead?.includes(seq) === true || (isCurrent && sequence.held?.some((held) => held.reading.seq === seq) === true))
    return "duplicate";
  if (seq === known.next) advance(known, seq);
  else {
    known.ahead ??= [];
    known.ahead.push(seq);
    if (known.ahead.length > limits.missingRanges) known.ahead.shift();
  }
  return "judge";
}

function placeOlder(boot: BootSequence, seq: number, limits: SequenceLimits): "late" | "duplicate" {
  if (seq < boot.next) return fillMissing(boot, seq) ? "late" : "duplicate";
  if (boot.ahead?.includes(seq) === true) return "duplicate";
  addMissing(boot, boot.next, seq - 1, limits);
  boot.next = seq + 1;
  return "late";
}

function olderBoot(sequence: LiftSequence, boot: string): BootSequence | undefined {
  return sequence.older?.find((candidate) => candidate.boot === boot);
}

function remember(sequence: LiftSequence, boot: BootSequence, limits: SequenceLimits): void {
  sequence.older ??= [];
  sequence.older.unshift(boot);
  if (sequence.older.length > limits.olderBoots) sequence.older.length = limits.olderBoots;
}

function hold(sequence: LiftSequence, arrived: StoredReading): boolean {
  sequence.held ??= [];
  const { held } = sequence;
  let index = held.length;
  while (index > 0 && (held[index - 1]?.reading.seq ?? 0) >= arrived.reading.seq) index -= 1;
  if (held[index]?.reading.seq === arrived.reading.seq) return false;
  held.splice(index, 0, arrived);
  return true;
}

function letGo(sequence: LiftSequence, count: number): void {
  const { held } = sequence;
  if (held === null) return;
  if (count === held.length) sequence.held = null;
  else if (count > 0) held.splice(0, count);
}

function releaseUpTo(sequence: LiftSequence, last: number, limits: SequenceLimits, ready: StoredReading[]): void {
  const { held } = sequence;
  if (held === null || last < 0) return;
  for (let index = 0; index <= last; index++) {
    const arrived = held[index];
    if (arrived === undefined) break;
    const { seq } = arrived.reading;
    if (seq > sequence.next) addMissing(sequence, sequence.next, seq - 1, limits);
    advance(sequence, seq);
    ready.push(arrived);
  }
  letGo(sequence, last + 1);
}

/** All up to `seq` is seen or missing; what was taken ahead of its turn and follows now is seen too. */
function advance(boot: Numbers, seq: number): void {
  boot.next = seq + 1;
  if (boot.ahead === null) return;
  for (let index = boot.ahead.indexOf(boot.next); index >= 0; index = boot.ahead.indexOf(boot.next)) {
    boot.ahead.splice(index, 1);
    boot.next += 1;
  }
  if (boot.ahead.length === 0) boot.ahead = null;
}

function addMissing(boot: Numbers, from: number, to: number, limits: SequenceLimits): void {
  if (to < from) return;
  boot.missing ??= [];
  const { missing } = boot;
  let start = from;
  if (boot.ahead !== null) {
    for (const seq of boot.ahead.filter((taken) => taken >= from && taken <= to).sort((a, b) => a - b)) {
      if (seq > start) missing.push(start, seq - 1);
      start = seq + 1;
    }
    const ahead = boot.ahead.filter((taken) => taken > to);
    boot.ahead = ahead.length === 0 ? null : ahead;
  }
  if (start <= to) missing.push(start, to);
  if (missing.length > limits.missingRanges * 2) missing.splice(0, missing.length - limits.missingRanges * 2);
}

/** Takes `seq` out of the missing ranges; false when it is not missing. */
function fillMissing(boot: Numbers, seq: number): boolean {
  const { missing } = boot;
  if (missing === null) return false;
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
