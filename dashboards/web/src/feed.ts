/**
 * What the page knows of the alerts: a fold over the frames of the feed (contract §5). No I/O and no clock; `feed-socket.ts`
 * brings the frames, and tests bring their own.
 */
import type { Alert, ChangeKind } from "../../../src/core/effects.ts";
import { isOver } from "./handling.ts";

export type Frame =
  | { readonly type: "hello"; readonly version: number; readonly cursor: string; readonly heartbeatS: number }
  | { readonly type: "snapshot"; readonly cursor: string; readonly alerts: readonly Alert[] }
  | { readonly type: "resync"; readonly reason: string }
  | { readonly type: "change"; readonly cursor: string; readonly change: ChangeKind; readonly alert: Alert }
  | { readonly type: "heartbeat"; readonly cursor: string; readonly at: number };

/** Most active alerts that the page holds: three for each lift of a city. Beyond it only critical ones are taken. */
export const ACTIVE_MOST = 50_000;
/** Cleared alerts kept for a second look. */
export const CLEARED_MOST = 50;

export interface FeedState {
  /** Grows with whatever changes the lists. */
  version: number;
  /** Cursor of the last frame that is folded in, to resume after; null before the first snapshot and after a resync. */
  cursor: string | null;
  /** True once a snapshot came: before that an empty list means nothing. */
  known: boolean;
  readonly active: Map<string, Alert>;
  readonly cleared: Map<string, Alert>;
  /** True once an alert was left out because ACTIVE_MOST were held. */
  truncated: boolean;
  heartbeatMs: number;
  /** The monitor's time less this machine's, ms, by the last heartbeat. */
  clockOffsetMs: number;
}

export interface Outcome {
  /** Alerts that have just become critical, for those who do not look at the screen. */
  readonly urgent: readonly Alert[];
  /** The lists were replaced as a whole. */
  readonly snapshot: boolean;
  /** The frame did not follow on from what is known: connect again without a cursor. */
  readonly outOfStep: boolean;
}

const NOTHING: Outcome = { urgent: [], snapshot: false, outOfStep: false };
const OUT_OF_STEP: Outcome = { urgent: [], snapshot: false, outOfStep: true };

export function createFeedState(): FeedState {
  return {
    version: 0,
    cursor: null,
    known: false,
    active: new Map(),
    cleared: new Map(),
    truncated: false,
    heartbeatMs: 15_000,
    clockOffsetMs: 0,
  };
}

/** One frame as text. Null for what is not a frame; unknown types are also null, so that the contract may grow. */
export function parseFrame(text: string): Frame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  const frame = value as Frame;
  switch (frame.type) {
    case "hello":
      return typeof frame.cursor === "string" && frame.heartbeatS > 0 ? frame : null;
    case "snapshot":
      return typeof frame.cursor === "string" && Array.isArray(frame.alerts) ? frame : null;
    case "resync":
      return frame;
    case "change":
      return typeof frame.cursor === "string" && typeof frame.alert?.id === "string" ? frame : null;
    case "heartbeat":
      return typeof frame.at === "number" ? frame : null;
    default:
      return null;
  }
}

/** Folds one frame into `state`. `receivedAt` is this machine's clock, ms. */
export function fold(state: FeedState, frame: Frame, receivedAt: number): Outcome {
  if (frame.type === "snapshot") return foldSnapshot(state, frame.cursor, frame.alerts);
  if (frame.type === "change") return foldChange(state, frame.cursor, frame.alert);
  if (frame.type === "hello") state.heartbeatMs = frame.heartbeatS * 1000;
  else if (frame.type === "resync") state.cursor = null;
  // A heartbeat's cursor is not taken over: only what was folded in may be skipped by a resume.
  else state.clockOffsetMs = frame.at - receivedAt;
  return NOTHING;
}

/** Cleared alerts from REST, to fill the second list after loading; what the feed said is newer and stays. */
export function addCleared(state: FeedState, alerts: readonly Alert[]): void {
  for (const alert of alerts) {
    if (alert.state === "cleared" && !state.active.has(alert.id) && !state.cleared.has(alert.id)) state.cleared.set(alert.id, alert);
  }
  trimCleared(state);
  state.version += 1;
}

function foldSnapshot(state: FeedState, cursor: string, alerts: readonly Alert[]): Outcome {
  if (position(cursor) === null) return OUT_OF_STEP;
  const before = new Map(state.active);
  state.active.clear();
  // Cleared ones may have been acknowledged meanwhile: the snapshot has those that wait, REST the others (`addCleared`).
  state.cleared.clear();
  state.truncated = false;
  for (const alert of alerts) place(state, alert);
  const urgent = state.known ? alerts.filter((alert) => isUrgent(alert) && !isUrgent(before.get(alert.id))) : [];
  state.cursor = cursor;
  state.known = true;
  state.version += 1;
  return { urgent, snapshot: true, outOfStep: false };
}

function foldChange(state: FeedState, cursor: string, alert: Alert): Outcome {
  const at = position(cursor);
  const last = state.cursor === null ? null : position(state.cursor);
  if (at === null || last === null || at.epoch !== last.epoch) return OUT_OF_STEP;
  if (at.seq <= last.seq) return NOTHING;
  // Changes are numbered without gaps and this page does not filter: a jump is a loss.
  if (at.seq > last.seq + 1) return OUT_OF_STEP;
  const wasUrgent = isUrgent(state.active.get(alert.id));
  place(state, alert);
  state.cursor = cursor;
  state.version += 1;
  return isUrgent(alert) && !wasUrgent ? { urgent: [alert], snapshot: false, outOfStep: false } : NOTHING;
}

function place(state: FeedState, alert: Alert): void {
  if (alert.state === "cleared") {
    state.active.delete(alert.id);
    state.cleared.delete(alert.id);
    state.cleared.set(alert.id, alert);
    trimCleared(state);
    return;
  }
  state.cleared.delete(alert.id);
  if (state.active.size >= ACTIVE_MOST && !state.active.has(alert.id)) {
    state.truncated = true;
    if (alert.priority !== "critical") return;
    const victim = [...state.active.values()].find((held) => held.priority !== "critical");
    if (victim === undefined) return;
    state.active.delete(victim.id);
  }
  state.active.set(alert.id, alert);
}

/** Those that ask nothing of anybody go first, the oldest of them first. */
function trimCleared(state: FeedState): void {
  const excess = state.cleared.size - CLEARED_MOST;
  if (excess <= 0) return;
  const goFirst = [...state.cleared.values()].sort(
    (a, b) => Number(isOver(b)) - Number(isOver(a)) || (a.clearedAt ?? 0) - (b.clearedAt ?? 0),
  );
  for (const alert of goFirst.slice(0, excess)) state.cleared.delete(alert.id);
}

function isUrgent(alert: Alert | undefined): boolean {
  return alert !== undefined && alert.priority === "critical" && alert.state === "active" && isPaging(alert);
}

/** False for an alert that is kept but not paged: suppressed by design, or shelved by a person. */
export function isPaging(alert: Alert): boolean {
  return alert.suppressedBy === null && alert.shelvedUntil === null;
}

/** `EPOCH:SEQ` (contract §5); null where it is not that. */
function position(cursor: string): { readonly epoch: string; readonly seq: number } | null {
  const colon = cursor.lastIndexOf(":");
  const seq = Number(cursor.slice(colon + 1));
  return colon < 1 || cursor.length === colon + 1 || !Number.isSafeInteger(seq) ? null : { epoch: cursor.slice(0, colon), seq };
}
