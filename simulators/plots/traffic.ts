/** Trips by the hour for each use of a building, as simulated lifts make them. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { USES, useOf } from "../../src/core/building-use.ts";
import { PATTERNS } from "../lift/patterns.ts";
import { COLOURS, chart } from "../../src/chart.ts";
import { oneLift } from "./one-lift.ts";
import type { Plot } from "./plot.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Monday and the Saturday after it, at midnight in the fleets' zone. */
const MONDAY = Date.parse("2026-01-05T00:00:00+08:00");
const SATURDAY = MONDAY + 5 * DAY_MS;

export interface TripsOptions {
  readonly seed: number;
  /** Lifts of each use. */
  readonly lifts: number;
}

interface Day {
  /** Mean trips a lift in each hour. */
  readonly byHour: readonly number[];
  /** Trips of each lift, ascending. */
  readonly ofLifts: readonly number[];
}

/** @param fleet where lifts of all uses are found, e.g. the city's register. */
export function tripsByHour(fleet: readonly LiftRecord[], { seed, lifts }: TripsOptions): Plot {
  const passenger = fleet.filter(({ kind, inService }) => kind === "passenger" && inService !== false);
  const days = USES.map((use) => {
    const some = spread(
      passenger.filter((lift) => useOf(lift) === use),
      lifts,
    );
    return { use, monday: dayOf(some, seed, MONDAY), saturday: dayOf(some, seed, SATURDAY) };
  });
  const panels = days.map(({ use, monday, saturday }) => {
    const most = Math.max(...monday.byHour, ...saturday.byHour);
    const total = sum(monday.byHour);
    return {
      title: `${use}: ${Math.round(total)} trips on a Monday`,
      x: { label: "hour of the day", from: 0, to: 24, ticks: [0, 4, 8, 12, 16, 20, 24] },
      y: { label: "trips an hour and lift", from: 0, to: 5 * Math.ceil((1.1 * most) / 5) },
      series: [
        { name: "Monday", kind: "bars" as const, colour: COLOURS.blue, points: hours(monday.byHour) },
        { name: "Saturday", kind: "steps" as const, colour: COLOURS.orange, points: hours(saturday.byHour) },
        {
          name: "journeys' shape",
          kind: "steps" as const,
          colour: COLOURS.grey,
          dash: "3 3",
          points: hours(PATTERNS[use].share.map((share) => share * total)),
        },
      ],
    };
  });
  const range = days.map(({ use, monday }) => `${use} ${monday.ofLifts[0]} to ${monday.ofLifts.at(-1)}`).join(", ");
  return {
    name: "trips-by-hour",
    title: "Trips by hour and use",
    svg: chart("Trips by hour of the day for each use of a building", panels, 3, 400, 270),
    says:
      `Means of ${lifts} passenger lifts of the generated city for each use. The grey line is the day's total spread as journeys are meant to arrive: trips follow it, ` +
      `flattened where calls share a run. Trips of single lifts on the Monday: ${range} (range of the calibration: 50 to 1,500, residential 100 to 450).`,
  };
}

/** So many of a list, evenly. */
function spread(lifts: readonly LiftRecord[], count: number): LiftRecord[] {
  const step = Math.max(1, lifts.length / count);
  return Array.from({ length: Math.min(count, lifts.length) }, (_, index) => lifts[Math.floor(index * step)]).filter(
    (lift) => lift !== undefined,
  );
}

function dayOf(lifts: readonly LiftRecord[], seed: number, from: number): Day {
  const byHour = Array.from({ length: 24 }, () => 0);
  const ofLifts = lifts.map((record) => {
    const lift = oneLift(record, seed, from);
    const before = lift.tripCount;
    for (let at = lift.nextAt, counted = before; at < from + DAY_MS; at = lift.nextAt) {
      lift.step();
      if (lift.tripCount === counted) continue;
      counted = lift.tripCount;
      const hour = Math.floor((at - from) / HOUR_MS);
      byHour[hour] = (byHour[hour] ?? 0) + 1;
    }
    return lift.tripCount - before;
  });
  return { byHour: byHour.map((count) => count / Math.max(1, lifts.length)), ofLifts: ofLifts.sort((a, b) => a - b) };
}

function hours(values: readonly number[]): (readonly [number, number])[] {
  return values.map((value, hour) => [hour, value] as const);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
