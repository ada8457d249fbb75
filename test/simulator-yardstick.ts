/** Reads hazards off a recording with nothing but domain.md's conditions: a yardstick for simulators that shares no code with the monitor. */
import type { SimulatedHazard } from "../simulators/faults/hazards.ts";
import { HAZARD_AFTER_MS } from "../simulators/faults/truth.ts";
import type { TruthWindow } from "../simulators/faults/truth.ts";
import type { LiftRecord } from "../src/core/lift.ts";
import { offsetM } from "./simulator-signal.ts";
import type { Signal } from "./simulator-signal.ts";

/** In these modes nothing is a hazard (domain.md §3: suppressed by design). */
const BY_DESIGN = new Set(["inspection", "fire-recall", "firefighter", "earthquake", "out-of-service"]);
/** Faults, not events (4x) or the alarm button (90). */
const isFault = (code: string): boolean => /^(0[1-8]|6[1-5])$/.test(code);
const DAY_MS = 86_400_000;

/** Windows of each hazard's condition that last as long as the hazard asks; mass events and slow wear excepted. */
export function hazardsIn(lift: LiftRecord, signals: readonly Signal[], endAt: number): TruthWindow[] {
  const reader = lift.kind === "escalator" ? new StepsReader(lift) : new CarReader(lift);
  let [heardAt, lastAt] = [signals[0]?.receivedAt ?? 0, signals[0]?.at ?? 0];
  for (const signal of signals) {
    const { at, receivedAt } = signal;
    // What was not heard of for so long is unknown, not as it was.
    if (at - lastAt >= HAZARD_AFTER_MS.silent) reader.forget(lastAt);
    lastAt = at;
    if (receivedAt - heardAt >= HAZARD_AFTER_MS.silent) reader.windows.push(silence(lift, heardAt, receivedAt));
    heardAt = receivedAt;
    reader.read(signal);
  }
  if (endAt - heardAt >= HAZARD_AFTER_MS.silent) reader.windows.push(silence(lift, heardAt, endAt));
  // A lift that is not heard of at the end is as unknown as one in a gap.
  reader.close(endAt - lastAt > 60_000 ? lastAt : endAt, endAt);
  return reader.windows;
}

function silence(lift: LiftRecord, from: number, to: number): TruthWindow {
  return { liftId: lift.liftId, hazard: "silent", from, to };
}

/** What lifts and escalators share: conditions that begin and end, and codes. */
/** Canonical codes that name a hazard of domain.md §3: they tell of it, and are no reported fault besides. */
const NAMES_HAZARD = new Set(["04", "05", "06", "07", "62", "63", "64"]);

abstract class Reader {
  readonly windows: TruthWindow[] = [];
  protected readonly lift: LiftRecord;
  protected readonly codes = new Set<string>();
  protected mode = "unknown";
  readonly #since = new Map<SimulatedHazard, number>();
  readonly #raisedAt = new Map<string, number[]>();

  constructor(lift: LiftRecord) {
    this.lift = lift;
  }

  read(signal: Signal): void {
    if (signal.channel === "fault") {
      const code = signal.code ?? "";
      if (signal.active === false) this.codes.delete(code);
      else if (isFault(code) && !this.codes.has(code)) {
        this.codes.add(code);
        const times = this.#raisedAt.get(code) ?? [];
        times.push(signal.at);
        this.#raisedAt.set(code, times);
      }
    }
    if (signal.channel === "status") this.mode = signal.mode ?? this.mode;
    this.take(signal);
    this.mark(
      "reported-fault",
      [...this.codes].some((code) => !NAMES_HAZARD.has(code)),
      signal.at,
    );
  }
  protected abstract take(signal: Signal): void;

  protected mark(hazard: SimulatedHazard, condition: boolean, at: number): void {
    const holds = condition && !BY_DESIGN.has(this.mode);
    const from = this.#since.get(hazard);
    if (holds && from === undefined) this.#since.set(hazard, at);
    if (!holds && from !== undefined) {
      this.#since.delete(hazard);
      this.window(hazard, from, at);
    }
  }
  protected window(hazard: SimulatedHazard, from: number, to: number): void {
    if (to - from >= HAZARD_AFTER_MS[hazard]) this.windows.push({ liftId: this.lift.liftId, hazard, from, to });
  }

  forget(at: number): void {
    for (const hazard of this.#since.keys()) this.mark(hazard, false, at);
    this.codes.clear();
  }
  close(at: number, endAt: number): void {
    for (const hazard of this.#since.keys()) this.mark(hazard, false, at);
    // Three of one code within a day, until there are fewer; what overlaps is one.
    const repeats = [...this.#raisedAt.values()].flatMap((times) =>
      times.flatMap((time, index) => {
        const first = times[index - 2] ?? Number.NEGATIVE_INFINITY;
        return time - first < DAY_MS ? [{ from: time, to: Math.min(endAt, first + DAY_MS) }] : [];
      }),
    );
    let open: { from: number; to: number } | null = null;
    for (const { from, to } of repeats.toSorted((a, b) => a.from - b.from)) {
      if (open !== null && from <= open.to) open.to = Math.max(open.to, to);
      else {
        if (open !== null) this.window("repeated-faults", open.from, open.to);
        open = { from, to };
      }
    }
    if (open !== null) this.window("repeated-faults", open.from, open.to);
  }
}

/** An escalator: its direction of travel is positive. */
class StepsReader extends Reader {
  protected take({ channel, at, speedMps, handrailMps }: Signal): void {
    if (channel === "speed" && speedMps !== undefined && handrailMps !== undefined) {
      this.mark("escalator-overspeed", speedMps > 1.1 * (this.lift.ratedSpeedMps ?? Number.NaN), at);
      this.mark("escalator-reversal", speedMps < -0.02, at);
      this.mark("handrail-deviation", speedMps > 0.1 && Math.abs(handrailMps / speedMps - 1) > 0.15, at);
    }
    this.mark("escalator-missing-step", this.codes.has("64"), at);
  }
}

class CarReader extends Reader {
  #door = "unknown";
  #speedMps = Number.NaN;
  #positionM = Number.NaN;
  #zone = true;
  #persons = Number.NaN;
  #loadKg = Number.NaN;
  #fastSamples = 0;
  #ranOpen = false;
  #openedAtRest = false;
  #reopenedAt: number[] = [];
  /** Floor of the last word, while the car stood; and whether it has jumped since. */
  #floor = Number.NaN;
  #lost = false;
  #movingSince = 0;
  /** The last sample, when it was above the rated speed by more than the warning's 5 %. */
  #fastAt = 0;
  /** Highest speed since it last stood, m/s. */
  #fastest = 0;
  /** The first word after a run, and whether the car rolled away from it. */
  #stop: { readonly offsetMm: number; readonly loadKg: number; readonly persons: number } | null = null;
  #rolled = false;
  #offLevel = false;
  #powered = true;
  #trips = Number.NaN;
  #same = { text: "", count: 0, from: 0, trips: Number.NaN, lastTrips: Number.NaN };

  override forget(at: number): void {
    super.forget(at);
    [this.#door, this.#speedMps, this.#positionM, this.#zone] = ["unknown", Number.NaN, Number.NaN, true];
    [this.#persons, this.#loadKg, this.#floor, this.#lost, this.#stop] = [Number.NaN, Number.NaN, Number.NaN, false, null];
    [this.#movingSince, this.#fastest] = [0, 0];
  }
  override close(at: number, endAt: number): void {
    this.#differs("", at);
    super.close(at, endAt);
  }

  protected take(signal: Signal): void {
    const { at } = signal;
    if (signal.channel === "door") this.#takeDoor(signal);
    else if (signal.channel === "speed") this.#takeSpeed(signal);
    else if (signal.channel === "status") this.#takeStatus(signal);
    else if (signal.channel === "fault" && signal.code === "07" && signal.active === false) this.#lost = false;

    const { kind, travelM = Number.NaN, ratedSpeedMps = Number.NaN } = this.lift;
    const standing = Math.abs(this.#speedMps) < 0.05;
    // A load cell that says nothing is in the car overrules a person sensor.
    const occupied = kind !== "dumbwaiter" && (this.#loadKg > 30 || (this.#persons >= 1 && !(this.#loadKg < 10)));
    const open = this.#door !== "closed" && this.#door !== "unknown";
    if (!open || standing) this.#ranOpen = false;
    this.mark("entrapment", occupied && this.#door === "closed" && standing && !this.#zone, at);
    this.mark("entrapment-at-level", occupied && this.#door === "closed" && standing && this.#zone, at);
    this.mark("stopped-outside-door-zone", !occupied && standing && !this.#zone, at);
    const away = Math.abs(offsetM(this.lift, this.#positionM)) > 0.2;
    this.mark("unintended-movement", open && this.#openedAtRest && (away || this.#fastSamples >= 2), at);
    this.mark("door-open-while-running", this.#ranOpen, at);
    if (signal.channel === "speed") {
      // One sample may be noise.
      const fast = Math.abs(this.#speedMps) > 1.05 * ratedSpeedMps;
      if (!fast) this.mark("overspeed", false, at);
      else if (this.#fastAt > 0) this.mark("overspeed", true, this.#fastAt);
      this.#fastAt = fast ? at : 0;
    }
    this.mark("overtravel", this.#positionM > travelM + 0.05 || this.#positionM < -0.05, at);
    this.mark("door-held-open", this.#door === "open", at);
    const limitMs = Math.min(45, Math.max(20, travelM / ratedSpeedMps + 10)) * 1_000;
    this.mark("run-time-exceeded", this.#movingSince > 0 && at - this.#movingSince >= limitMs, at);
    this.mark("position-lost", this.#lost || this.codes.has("07"), at);
    this.mark("levelling-drift", this.#offLevel, at);
    this.mark("frozen-signal", this.#loadKg < -50, at);
  }

  #takeDoor({ state = "unknown", at }: Signal): void {
    if (this.#door === "closed" && state !== "closed") {
      this.#ranOpen = Math.abs(this.#speedMps) > 0.5 && !this.#zone;
      // A door that opens on the way is a hazard of its own, not a car that leaves its landing.
      this.#openedAtRest = Math.abs(this.#speedMps) < 0.05;
    }
    if (this.#door === "closing" && state === "opening") this.#reopenedAt.push(at);
    if (state === "closed") this.#reopenedAt = [];
    const third = this.#reopenedAt.at(-3);
    if (third !== undefined && at - third <= 15_000) this.mark("door-cycling", true, at);
    if (state === "closed") this.mark("door-cycling", false, at);
    this.#door = state;
  }

  #takeSpeed(signal: Signal): void {
    const { at, speedMps = Number.NaN, floor = Number.NaN, positionM = Number.NaN, levelOffsetMm } = signal;
    const ran = this.#fastest >= 0.05;
    this.#fastest = Math.max(this.#fastest, Math.abs(speedMps));
    if (Math.abs(speedMps) < 0.05) {
      this.#movingSince = 0;
      // A car that moves does not say how level it is.
      if (levelOffsetMm !== undefined) this.#fastest = 0;
      // Two words of a car that stands, and more than a floor between them.
      if (!ran && Math.abs(floor - this.#floor) > 1) this.#lost = true;
      if (levelOffsetMm !== undefined) this.#takeLevel(at, levelOffsetMm, ran, signal.doorZone === true);
    } else {
      // The first sample of a run comes a second after its start.
      if (!ran) this.#movingSince = at - 1_000;
      else if (floor !== this.#floor) this.#movingSince = at;
      if (!ran && this.#stop !== null && !this.#rolled) this.mark("brake-weakening", false, at);
      if (!ran) this.#stop = null;
    }
    // Words of a car that moves: one that stands may well repeat itself.
    if (levelOffsetMm === undefined) this.#differs(`${speedMps} ${positionM}`, at);
    [this.#speedMps, this.#floor, this.#positionM] = [speedMps, floor, positionM];
    this.#zone = signal.doorZone ?? this.#zone;
    this.#fastSamples = this.#door !== "closed" && Math.abs(speedMps) > 0.3 ? this.#fastSamples + 1 : 0;
  }

  #takeLevel(at: number, offsetMm: number, ran: boolean, zone: boolean): void {
    if (ran && zone) {
      this.#stop = { offsetMm, loadKg: this.#loadKg, persons: this.#persons };
      this.#rolled = false;
      // Without power the brake stops it anywhere.
      this.#offLevel = this.#powered && Math.abs(offsetMm) > 20;
    } else if (this.#stop !== null) {
      // With another load the ropes have another length.
      const sameLoad = this.#stop.loadKg === this.#loadKg && this.#stop.persons === this.#persons;
      if (!sameLoad || Math.abs(offsetMm) - Math.abs(this.#stop.offsetMm) <= 10) return;
      this.#rolled = true;
      this.mark("brake-weakening", true, at);
    }
  }

  #takeStatus(signal: Signal): void {
    this.#persons = signal.persons ?? this.#persons;
    this.#loadKg = signal.loadKg ?? this.#loadKg;
    this.#zone = signal.doorZone ?? this.#zone;
    this.#trips = signal.tripCount ?? this.#trips;
    this.#powered = signal.powered ?? this.#powered;
  }

  /** Five words of speed and position that are the same, while trips go on, are a frozen signal from the first repetition on. */
  #differs(text: string, at: number): void {
    const same = this.#same;
    if (text === same.text) {
      same.count++;
      this.#stop = null;
      if (Number.isNaN(same.trips)) same.trips = this.#trips;
      same.lastTrips = this.#trips;
      if (same.count === 2) same.from = at;
      return;
    }
    if (same.count >= 5 && same.lastTrips > same.trips) this.window("frozen-signal", same.from, at);
    this.#same = { text, count: 1, from: at, trips: this.#trips, lastTrips: this.#trips };
  }
}
