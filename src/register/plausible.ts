/** What is odd in a register that breaks no rule of its format: warnings, since a person may know better. Ranges are assumptions. */
import type { LiftKind, LiftRecord } from "../core/lift.ts";
import type { Defect } from "./text.ts";

export interface RegisterLine {
  readonly line: number;
  readonly lift: LiftRecord;
}

/** Rated speeds that are built, m/s: the fastest lifts of tall towers pass 10, freight lifts and dumbwaiters are slow, escalators keep to 0.75. */
const SPEEDS_MPS: Record<LiftKind, readonly [number, number]> = {
  passenger: [0.2, 10],
  freight: [0.1, 4],
  dumbwaiter: [0.1, 1.5],
  escalator: [0.2, 0.9],
};
/** From landing to landing on average, m: entrances on two sides of one storey to the halls of a mill. */
const STOREY_M = [1.5, 15] as const;
/** Two lifts of one building stand no farther apart, m. */
const BUILDING_M = 2_000;
const DEGREE_M = 111_000;

/** The oddities of rows that have no error. `today` is YYYY-MM-DD, or null to judge nothing by the day. */
export function implausible(lines: readonly RegisterLine[], today: string | null): Defect[] {
  const defects: Defect[] = [];
  const stations = new Map<string, RegisterLine>();
  const buildings = new Map<string, RegisterLine>();
  for (const entry of lines) {
    const { line, lift } = entry;
    const odd = (column: keyof LiftRecord, expected: string, found: string): void =>
      void defects.push({ line, column, severity: "warning", expected, found });
    speedAndTravel(lift, odd);
    datesInOrder(lift, today, odd);
    const { station, firm, district, building, longitude, latitude } = lift;
    if ((longitude === undefined) !== (latitude === undefined))
      odd(longitude === undefined ? "longitude" : "latitude", "both coordinates or none", "nothing");
    if (station !== undefined && firm !== undefined) {
      const first = firstOf(stations, station, entry);
      if (first.lift.firm !== firm) odd("station", `one firm for ${station}: ${first.lift.firm}, as in line ${first.line}`, firm);
    }
    if (building !== undefined && longitude !== undefined && latitude !== undefined) {
      const first = firstOf(buildings, `${district ?? ""}/${building}`, entry);
      if (metresApart(first.lift, longitude, latitude) > BUILDING_M)
        odd("longitude", `a place within ${BUILDING_M} m of ${building} in line ${first.line}`, `${longitude}, ${latitude}`);
    }
  }
  return defects;
}

type Odd = (column: keyof LiftRecord, expected: string, found: string) => void;

function speedAndTravel({ kind, ratedSpeedMps, floors, travelM }: LiftRecord, odd: Odd): void {
  if (ratedSpeedMps !== undefined) {
    const [low, high] = kind === undefined ? [0.1, 10] : SPEEDS_MPS[kind];
    if (ratedSpeedMps < low || ratedSpeedMps > high)
      odd("ratedSpeedMps", `${low} to ${high} m/s for ${kind ?? "any kind"}`, String(ratedSpeedMps));
  }
  if (kind !== "escalator" && floors !== undefined && floors > 1 && travelM !== undefined) {
    const storeyM = travelM / (floors - 1);
    if (storeyM < STOREY_M[0] || storeyM > STOREY_M[1])
      odd("travelM", `${STOREY_M[0]} to ${STOREY_M[1]} m from each of ${floors} floors to the next`, String(travelM));
  }
}

function datesInOrder({ installedOn, nextInspectionOn, insuredUntil }: LiftRecord, today: string | null, odd: Odd): void {
  if (installedOn === undefined) return;
  if (today !== null && installedOn > today) odd("installedOn", `no day after ${today}`, installedOn);
  for (const [column, day] of [
    ["nextInspectionOn", nextInspectionOn],
    ["insuredUntil", insuredUntil],
  ] as const)
    if (day !== undefined && day < installedOn) odd(column, `no day before the installation on ${installedOn}`, day);
}

function firstOf(seen: Map<string, RegisterLine>, key: string, entry: RegisterLine): RegisterLine {
  const first = seen.get(key);
  if (first === undefined) seen.set(key, entry);
  return first ?? entry;
}

function metresApart({ longitude = 0, latitude = 0 }: LiftRecord, otherLongitude: number, otherLatitude: number): number {
  const eastM = (longitude - otherLongitude) * DEGREE_M * Math.cos((latitude * Math.PI) / 180);
  return Math.hypot(eastM, (latitude - otherLatitude) * DEGREE_M);
}
