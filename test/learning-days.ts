/** Lifts whose days are thinned to a few trips, so that months of learning cost seconds; wear is the simulator's own. */
import type { Change } from "../src/core/effects.ts";
import type { Entry } from "../src/core/entry.ts";
import type { LiftRecord } from "../src/core/lift.ts";
import { createMonitor, type Monitor } from "../src/core/monitor.ts";
import { DEFAULT_RULES, type Rules } from "../src/core/rules.ts";
import type { Wear } from "../simulators/faults/hazards.ts";
import type { Stage } from "../simulators/faults/stage.ts";
import { wearOut } from "../simulators/faults/wear.ts";
import { Condition } from "../simulators/lift/condition.ts";
import { Random } from "../simulators/random.ts";

export const SEED = 20_261_122;
export const DAY_MS = 86_400_000;
/** Midnight in Shaoguan. */
export const START = Date.UTC(2026, 2, 1, 16);
const TICK_EVERY_MS = 1_800_000;
const OPENS_AT_MS = 6.5 * 3_600_000;

export interface Window {
  readonly hazard: string;
  readonly from: number;
  readonly to: number;
}

export interface DayOptions {
  readonly trips: number;
  readonly binaryDoor: boolean;
  readonly rearDoor: boolean;
  /** What its readings say of where it is. */
  readonly says: "position" | "floor" | "speed";
  readonly heat: boolean;
}
const FULL: DayOptions = { trips: 56, binaryDoor: false, rearDoor: false, says: "position", heat: false };

/** One lift whose device says what a day brought. */
export class DayLift {
  readonly record: LiftRecord;
  readonly condition = new Condition();
  readonly truth: Window[] = [];
  trips: number;
  readonly #options: DayOptions;
  readonly #random: Random;
  #wear: Generator<unknown, void, number> | null = null;
  #wearAt = Number.POSITIVE_INFINITY;
  #seq = 0;
  #floor = 1;
  #faults: { at: number; code: string; active: boolean }[] = [];

  constructor(liftId: string, options: Partial<DayOptions> = {}) {
    this.record = { liftId, kind: "passenger", ratedSpeedMps: 1.75, floors: 11, travelM: 30, district: "武江" };
    this.#options = { ...FULL, ...options };
    this.trips = this.#options.trips;
    this.#random = Random.seeded(SEED).split(liftId);
  }

  /** The simulator's course of wear begins. */
  wear(kind: Wear, at: number): void {
    const { truth, condition } = this;
    const stage = {
      at,
      lift: {
        liftId: this.record.liftId,
        condition,
        reportFault: (time: number, code: string, active: boolean) => this.fault(time, code, active),
      },
      device: { canReport: () => true },
      random: this.#random.split("wear"),
      truth: {
        begin: (_liftId: string, hazard: string, from: number) => (to: number) => void truth.push({ hazard, from, to }),
        counted: () => undefined,
      },
      durationMs: null,
    } as unknown as Stage;
    this.#wear = wearOut(kind, stage);
    this.#go(this.#wear.next());
  }

  fault(at: number, code: string, active: boolean): void {
    this.#faults.push({ at, code, active });
  }

  /** The messages of a day that begins at `midnight`. */
  day(midnight: number): { readonly at: number; readonly channel: string; readonly fields: object }[] {
    while (this.#wear !== null && this.#wearAt < midnight + DAY_MS) this.#go(this.#wear.next(this.#wearAt));
    const random = this.#random;
    const weather = 1 + 0.008 * random.normal();
    const messages: { at: number; channel: string; fields: object }[] = [];
    const say = (at: number, channel: string, fields: object) => void messages.push({ at: Math.round(at), channel, fields });
    const { floors = 11, travelM = 30 } = this.record;
    const heightM = travelM / (floors - 1);
    const everyMs = (15 * 3_600_000) / this.trips;
    for (let trip = 0; trip < this.trips; trip++) {
      let at = midnight + OPENS_AT_MS + everyMs * (trip + 0.2 * random.uniform());
      const from = this.#floor;
      const to = 1 + ((from + random.integer(1, floors - 2)) % floors);
      this.#floor = to;
      const sign = Math.sign(to - from);
      const distanceM = Math.abs(to - from) * heightM;
      const slow = this.condition.travelTime;
      const runMs = 1_000 * slow * (distanceM / 1.72 + 1.72 / 0.9 + 0.7) * (1 + 0.01 * random.normal());
      const offsetMm =
        this.condition.levelBiasMm + sign * this.condition.overrunMm + this.condition.stopScatter * 2.5 * random.normal() + 0.5;
      const place = (floor: number, metres: number) =>
        this.#options.says === "position" ? { floor, positionM: metres } : this.#options.says === "floor" ? { floor } : {};
      say(at, "speed", { speedMps: 0, ...place(from, (from - 1) * heightM), doorZone: true });
      at += 500;
      say(at + 1_000, "speed", { speedMps: sign * 0.9, ...place(from, (from - 1) * heightM + sign * 0.4) });
      // Without a position it takes samples to know the way.
      for (let sample = 2; this.#options.says === "speed" && sample < runMs / 1_000 - 1; sample++) {
        say(at + 1_000 * sample, "speed", { speedMps: (sign * 1.72) / slow });
      }
      at += runMs;
      const offset = this.#options.says === "position" ? { levelOffsetMm: Math.round(offsetMm * 10) / 10 } : {};
      say(at, "speed", { speedMps: 0, ...place(to, (to - 1) * heightM + offsetMm / 1_000), doorZone: true, ...offset });
      at += 400;
      for (const door of this.#options.rearDoor ? ["front", "rear"] : ["front"]) at = this.#cycle(say, at, door, weather);
      if (this.#options.heat) say(at, "status", { motorTemperatureC: 45 + random.normal() });
    }
    for (const { at, code, active } of this.#faults) say(Math.max(at, midnight), "fault", { code, active });
    this.#faults = [];
    return messages.sort((a, b) => a.at - b.at);
  }

  /** The next place in the device's sequence. */
  next(): number {
    return this.#seq++;
  }

  #go(result: IteratorResult<unknown, void>): void {
    if (result.done === true) {
      this.#wear = null;
      return;
    }
    this.#wearAt = (result.value as { until: number }).until;
  }

  /** The door opens, stands for a while and closes; returns when that is over. */
  #cycle(say: (at: number, channel: string, fields: object) => void, from: number, door: string, weather: number): number {
    const random = this.#random;
    const takes = (ms: number) => ms * this.condition.doorTimes * weather * (1 + 0.004 * random.normal());
    const standsMs = 3_000 + 900 * random.integer(0, 4);
    let at = from;
    if (this.#options.binaryDoor) {
      say(at, "door", { state: "open", door });
      at += takes(2_500) + standsMs + takes(2_800);
    } else {
      say(at, "door", { state: "opening", door });
      at += takes(2_500);
      say(at, "door", { state: "open", door });
      at += standsMs;
      say(at, "door", { state: "closing", door });
      at += takes(2_800);
    }
    say(at, "door", { state: "closed", door });
    return at + 300;
  }
}

/** Lifts and their monitor, day by day. */
export class Days {
  readonly lifts: readonly DayLift[];
  readonly changes: Change[] = [];
  readonly entries: Entry[] = [];
  monitor: Monitor;
  now = START;
  #seq = 0;
  readonly #keep: boolean;

  constructor(
    lifts: readonly DayLift[],
    { rules = DEFAULT_RULES, keep = false }: { readonly rules?: Rules; readonly keep?: boolean } = {},
  ) {
    this.lifts = lifts;
    this.#keep = keep;
    this.monitor = createMonitor(
      lifts.map(({ record }) => record),
      rules,
    );
  }

  apply(entry: { readonly kind: Entry["kind"]; readonly receivedAt: number } & Record<string, unknown>): void {
    const numbered = { ...entry, seq: ++this.#seq } as unknown as Entry;
    if (this.#keep) this.entries.push(numbered);
    this.changes.push(...this.monitor.apply(numbered).changes);
  }

  /** Runs so many days; the last one is over for the monitor when it returns. */
  run(days: number): void {
    for (let day = 0; day < days; day++) {
      const midnight = this.now;
      const messages = this.lifts
        .flatMap((lift) => lift.day(midnight).map((message) => ({ ...message, lift })))
        .sort((a, b) => a.at - b.at);
      let tickAt = midnight;
      const tick = (until: number) => {
        for (; tickAt <= until; tickAt += TICK_EVERY_MS) this.apply({ kind: "tick", receivedAt: tickAt });
      };
      for (const { at, channel, fields, lift } of messages) {
        tick(at);
        const payload = JSON.stringify({ at, seq: lift.next(), ...fields });
        this.apply({
          kind: "message",
          receivedAt: at,
          topic: `lifts/${lift.record.liftId}/${channel}`,
          payload,
          source: "",
          refusal: null,
        });
      }
      tick(midnight + DAY_MS - 1);
      this.now = midnight + DAY_MS;
    }
    this.apply({ kind: "tick", receivedAt: this.now });
  }

  /** Changes of a hazard's alerts. */
  of(hazard: string): Change[] {
    return this.changes.filter(({ alert }) => alert.hazard === hazard);
  }
}
