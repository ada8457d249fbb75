/** What a lift said, as curves: by the lift's own clock, moved to the monitor's. */
import { CHANNELS, type Channel, type DoorReading, type SpeedReading, type StatusReading } from "../../../../../src/core/reading.ts";
import type { StoredReading } from "../../../../../src/core/effects.ts";
import { BOUNDS } from "./bounds.ts";

export const CURVES = ["speedMps", "positionM", "floor", "front", "rear", "persons", "loadKg"] as const;
export type CurveName = (typeof CURVES)[number];

/** Points in order of time: ms since the epoch, and a value; doors from 0 (closed) to 1 (open), NaN where unknown. */
export interface Curve {
  readonly at: Float64Array;
  readonly value: Float64Array;
}

export interface Traces {
  readonly curves: Readonly<Record<CurveName, Curve>>;
  /** When each channel was first heard, the monitor's time; null for never. */
  readonly firstHeard: Readonly<Record<Channel, number | null>>;
  /** There was more than is drawn. */
  readonly truncated: boolean;
}

const DOORS: Readonly<Record<DoorReading["state"], number>> = { closed: 0, opening: 0.5, closing: 0.5, open: 1, unknown: Number.NaN };

interface Points {
  readonly at: number[];
  readonly value: number[];
}

/** Takes readings of one lift, in the order in which they were judged. */
export class TraceGatherer {
  readonly #points = Object.fromEntries(CURVES.map((name) => [name, { at: [], value: [] }])) as unknown as Record<CurveName, Points>;
  readonly #first: Record<Channel, number | null>;
  #count = 0;

  constructor() {
    this.#first = Object.fromEntries(CHANNELS.map((channel) => [channel, null])) as Record<Channel, number | null>;
  }

  add({ channel, receivedAt, reading }: StoredReading): void {
    this.#first[channel] ??= receivedAt;
    if (channel === "door") {
      const { at, door = "front", state } = reading as DoorReading;
      this.#point(door, at, DOORS[state]);
    } else if (channel === "speed") {
      const { at, speedMps, positionM, floor } = reading as SpeedReading;
      this.#point("speedMps", at, speedMps);
      if (positionM !== undefined) this.#point("positionM", at, positionM);
      if (floor !== undefined) this.#point("floor", at, floor);
    } else if (channel === "status") {
      const { at, persons, loadKg, floor } = reading as StatusReading;
      if (persons !== undefined) this.#point("persons", at, persons ?? Number.NaN);
      if (loadKg !== undefined) this.#point("loadKg", at, loadKg);
      if (floor !== undefined) this.#point("floor", at, floor);
    }
  }

  /** `skewMs`: the monitor's time less the lift's. */
  traces(skewMs: number): Traces {
    const curves = Object.fromEntries(CURVES.map((name) => [name, curve(this.#points[name], skewMs)])) as Record<CurveName, Curve>;
    return { curves, firstHeard: this.#first, truncated: this.#count > BOUNDS.points };
  }

  #point(name: CurveName, at: number, value: number): void {
    this.#count += 1;
    if (this.#count > BOUNDS.points) return;
    const points = this.#points[name];
    points.at.push(at);
    points.value.push(value);
  }
}

/** Late readings come after what they were before: sorted once, at the end. */
function curve({ at, value }: Points, skewMs: number): Curve {
  const order = at.map((_, index) => index).sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || a - b);
  return {
    at: Float64Array.from(order, (index) => (at[index] ?? 0) + skewMs),
    value: Float64Array.from(order, (index) => value[index] ?? Number.NaN),
  };
}
