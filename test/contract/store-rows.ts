/** Rows for tests of stores: one reading of every channel, full and bare, and alerts, counts and rejections to go with them. */
import { LIMITS } from "../../src/config.ts";
import type { Alert, Change, ChangeKind, DayCount, Quarantined, StoredReading, WorkRow } from "../../src/core/effects.ts";
import type { Channel, Reading } from "../../src/core/reading.ts";
import { packReadings } from "../../src/store/packing.ts";
import type { StoreBatch } from "../../src/store/store.ts";
import { anAlert } from "../alert-rows.ts";

/** 2026-11-22T00:00:00Z. */
export const DAY = Date.UTC(2026, 10, 22);
export const DAY_MS = 86_400_000;

export function stored(entry: number, channel: Channel, reading: Reading, more: Partial<StoredReading> = {}): StoredReading {
  return { liftId: "L1", channel, entry, index: 0, receivedAt: DAY + entry, late: false, reading, ...more };
}

/** Every field of contract §2, and none but the required ones. */
export function everyReading(): StoredReading[] {
  const at = DAY;
  return [
    stored(1, "door", { at, seq: 1, boot: "b1", state: "opening", door: "rear" }),
    stored(2, "door", { at: at + 1, seq: 0, state: "unknown" }),
    stored(3, "speed", {
      at: at + 2,
      seq: 3,
      boot: "",
      speedMps: -1.75,
      floor: -2,
      positionM: 0.1 + 0.2,
      doorZone: false,
      levelOffsetMm: -3.5,
      handrailMps: 0,
    }),
    stored(4, "speed", { at: at + 3, seq: 4, speedMps: 0 }),
    stored(5, "fault", { at: at + 4, seq: 5, code: "04", dialect: "city-b", active: false }),
    stored(6, "fault", { at: at + 5, seq: 6, code: "轿厢'\"–90" }),
    stored(7, "status", {
      at: at + 6,
      seq: Number.MAX_SAFE_INTEGER,
      boot: "a boot of thirty-two characters!",
      floor: 300,
      doorZone: true,
      mode: "fire-recall",
      powered: false,
      persons: 3,
      loadKg: 225.5,
      tripCount: 4_294_967_296,
      runHours: 12_345.25,
      motorTemperatureC: -12.5,
    }),
    stored(8, "status", { at: at + 7, seq: 8, persons: null }),
    stored(9, "status", { at: at + 8, seq: 9, persons: 0 }),
    stored(10, "status", { at: at + 9, seq: 10 }, { late: true, index: 499 }),
    stored(11, "online", { at: at + 10, seq: 11, online: true, keepAliveS: 86_400, firmware: "版本 1.2" }),
    stored(12, "online", { at: at + 11, seq: 12, online: false }),
  ];
}

export function alert(id: string, more: Partial<Alert> = {}): Alert {
  return anAlert({
    id,
    raisedAt: DAY,
    detectedAt: DAY + 5,
    rule: { version: "builtin-1", limits: { alarmFactor: 1.1 } },
    details: { speedMps: 2.01, text: "轿厢", nested: [1, null, { a: true }] },
    entries: { first: 1, last: 2 },
    lift: { district: "武江", building: null, firm: "F1" },
    ...more,
  });
}

export function change(n: number, kind: ChangeKind, of: Alert, more: Partial<Change> = {}): Change {
  return { n, seq: n * 10, at: DAY + n, change: kind, by: null, note: null, alert: of, ...more };
}

export function quarantined(entry: number, more: Partial<Quarantined> = {}): Quarantined {
  return {
    entry,
    index: 0,
    receivedAt: DAY + entry,
    topic: `lifts/L${entry}/door`,
    source: "gateway-1",
    reason: "reading-invalid",
    path: "0.state",
    message: `found "ajar", expected one of closed, opening, open, closing, unknown`,
    excerpt: `[{"state":"ajar"}]`,
    ...more,
  };
}

export function dayCount(day: string, liftId: string, readings: number): DayCount {
  return { day, liftId, inServiceMs: 86_400_000, readings, faults: 3, stoppingFaults: 2, entrapments: 1, trips: 400 };
}

export function workRow(entry: number, more: Partial<WorkRow> = {}): WorkRow {
  return { entry, at: DAY + entry, liftId: "L1", work: "repair", by: "值班员 7", note: null, ...more };
}

export interface Rows extends Partial<Omit<StoreBatch, "readings">> {
  readonly readings?: readonly StoredReading[];
}

export function batch(from: number, to: number, { readings = [], ...rows }: Rows = {}): StoreBatch {
  return { from, to, readings: packReadings(readings, LIMITS.store.packRows), changes: [], quarantined: [], days: [], works: [], ...rows };
}
