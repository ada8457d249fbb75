/** Readings, minutes and days as curves for the traces. Unknown values are gaps, never zeros. */
import type { Day, Minute, Reading } from "../rest.ts";

/** What is shown one under the other; the names are those of the words. */
export type RowName =
  | "speed"
  | "position"
  | "floor"
  | "door"
  | "rear"
  | "persons"
  | "speedRange"
  | "load"
  | "faults"
  | "readings"
  | "trips"
  | "stops"
  | "service";

export interface Curve {
  readonly name: RowName;
  /** `line` between values, `step` a value that holds until the next, `bar` one count a stretch. */
  readonly look: "line" | "step" | "bar";
  /** ms since the epoch. */
  readonly at: readonly number[];
  /** One or two curves; null is a gap. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Fixed bounds of the axis. */
  readonly bounds?: readonly [number, number];
}

const DOOR: Readonly<Record<string, number>> = { closed: 0, closing: 0.5, opening: 0.5, open: 1 };
/** Longer than this without a word, nothing is assumed to have lasted (docs/architecture.md, "Time"). */
const GAP_MS = 180_000;
/** Of readings while a lift moves. */
const CADENCE_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export function ofReadings(readings: readonly Reading[], to: number): readonly Curve[] {
  const speed = collect(readings, (reading) => reading.speedMps);
  const position = collect(readings, (reading) => reading.positionM);
  const floor = collect(readings, (reading) => reading.floor);
  const front = collect(readings, (reading) =>
    reading.state === undefined || reading.door === "rear" ? undefined : doorAt(reading.state),
  );
  const rear = collect(readings, (reading) => (reading.state === undefined || reading.door !== "rear" ? undefined : doorAt(reading.state)));
  const persons = collect(readings, (reading) => reading.persons);
  const heard = readings.map(({ at }) => at);
  const end = Math.min(to, (heard.at(-1) ?? 0) + GAP_MS);
  const curves: Curve[] = [
    { name: "speed", look: "line", ...closed(held(speed), end) },
    { name: "position", look: "line", ...closed(held(position), end) },
    { name: "floor", look: "step", ...closed(floor, end) },
    { name: "door", look: "step", ...closed(front, end), bounds: [-0.15, 1.15] },
    { name: "rear", look: "step", ...closed(rear, end), bounds: [-0.15, 1.15] },
    { name: "persons", look: "step", ...closed(persons, end) },
  ];
  const always: ReadonlySet<RowName> = new Set(["speed", "door"]);
  return curves
    .filter(({ name, at }) => always.has(name) || at.length > 0)
    .filter(({ name }, _, all) => name !== "floor" || !has(all, "position"));
}

function has(curves: readonly Curve[], name: RowName): boolean {
  return curves.some((curve) => curve.name === name && curve.at.length > 1);
}

function doorAt(state: string): number | null {
  return DOOR[state] ?? null;
}

interface Points {
  readonly at: number[];
  readonly values: (number | null)[];
}

function collect(readings: readonly Reading[], value: (reading: Reading) => number | null | undefined): Points {
  const at: number[] = [];
  const values: (number | null)[] = [];
  let heard = Number.NEGATIVE_INFINITY;
  for (const reading of readings) {
    const found = value(reading);
    // A word on any channel says that the lift was there, so a value holds across it; a long silence is a gap.
    if (reading.at - heard > GAP_MS && at.length > 0) {
      at.push(heard + 1);
      values.push(null);
    }
    heard = Math.max(heard, reading.at);
    if (found === undefined) continue;
    at.push(Math.max(reading.at, at.at(-1) ?? reading.at));
    values.push(found);
  }
  return { at, values };
}

/** A lift that reports by exception said nothing because nothing changed: the value holds until the second before the next one. */
function held({ at, values }: Points): Points {
  const made: Points = { at: [], values: [] };
  for (const [index, value] of values.entries()) {
    const [here, last, before] = [at[index] ?? 0, made.at.at(-1), made.values.at(-1)];
    if (last !== undefined && before != null && value !== null && here - last > 3 * CADENCE_MS) {
      made.at.push(here - CADENCE_MS);
      made.values.push(before);
    }
    made.at.push(here);
    made.values.push(value);
  }
  return made;
}

/** Drawn on to the end of what was heard: what holds, holds. */
function closed({ at, values }: Points, end: number): Pick<Curve, "at" | "values"> {
  const last = at.at(-1);
  if (last === undefined || last >= end) return { at, values: [values] };
  return { at: [...at, end], values: [[...values, values.at(-1) ?? null]] };
}

export function ofMinutes(minutes: readonly Minute[]): readonly Curve[] {
  const at: number[] = [];
  const filled: (Minute | null)[] = [];
  for (const minute of minutes) {
    const last = at.at(-1);
    if (last !== undefined && minute.at - last > 3 * MINUTE_MS) {
      at.push(last + MINUTE_MS);
      filled.push(null);
    }
    at.push(minute.at);
    filled.push(minute);
  }
  const column = (value: (minute: Minute) => number | null) => filled.map((minute) => (minute === null ? null : value(minute)));
  return [
    {
      name: "speedRange",
      look: "step",
      at,
      values: [column(({ speedMaxMps }) => speedMaxMps), column(({ speedMinMps }) => speedMinMps)],
    },
    { name: "persons", look: "step", at, values: [column(({ personsMax }) => personsMax)] },
    { name: "load", look: "step", at, values: [column(({ loadMaxKg }) => loadMaxKg)] },
    { name: "faults", look: "bar", at, values: [column(({ faults }) => faults)] },
    { name: "readings", look: "bar", at, values: [column(({ readings }) => readings)] },
  ];
}

export function ofDays(days: readonly Day[], dayStart: (day: string) => number): readonly Curve[] {
  const at = days.map(({ day }) => dayStart(day));
  return [
    { name: "trips", look: "bar", at, values: [days.map(({ trips }) => trips)] },
    { name: "stops", look: "bar", at, values: [days.map(({ stoppingFaults }) => stoppingFaults)] },
    { name: "service", look: "bar", at, values: [days.map(({ inServiceMs }) => inServiceMs / HOUR_MS)], bounds: [0, 24] },
    { name: "readings", look: "bar", at, values: [days.map(({ readings }) => readings)] },
  ];
}
