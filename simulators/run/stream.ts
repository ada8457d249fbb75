/**
 * A fleet as one stream of events: the same for a recording and for a live run. Pure: it has no clock, and what it says goes to a
 * sink. Lifts know nothing of each other, so within a stretch in which the director does nothing each is taken through the whole
 * stretch before the next: that keeps it close to the processor. The sink puts in order what has to be.
 */
import type { LiftRecord } from "../../src/core/lift.ts";
import { Device } from "../device/device.ts";
import type { Unheard } from "../device/device.ts";
import { FULL_DEVICES, deviceKind } from "../device/kind.ts";
import type { DevicePlan } from "../device/kind.ts";
import { LinkOutages } from "../device/link-outages.ts";
import type { OutageRates } from "../device/link-outages.ts";
import type { Sink } from "../device/sink.ts";
import { openDirector } from "../faults/director.ts";
import type { Director, Scenario } from "../faults/director.ts";
import { Escalator, escalatorSpec } from "../lift/escalator.ts";
import { Lift } from "../lift/lift.ts";
import { Random } from "../random.ts";
import { liftSpec } from "../lift/spec.ts";
import { HAZARD_AFTER_MS, Truth } from "../faults/truth.ts";
import type { TruthWindow } from "../faults/truth.ts";
import type { Carrier } from "./carriers.ts";

export interface StreamOptions {
  readonly lifts: readonly LiftRecord[];
  readonly seed: number;
  readonly scenario: Scenario;
  /** Time of the first event, ms since the epoch. */
  readonly startAt: number;
  /** Devices are switched on at random times within this, ms. */
  readonly rampMs: number;
  readonly sink: Sink;
  readonly truth: (window: TruthWindow) => void;
  /** What the devices are like; all of them able to say everything when it is left out. */
  readonly devices?: DevicePlan;
  /** Ways to the broker, and how often they break; they never do when it is left out. */
  readonly links?: { readonly carriers: readonly Carrier[]; readonly rates: OutageRates };
}

export class FleetStream {
  readonly #lifts: (Lift | Escalator)[] = [];
  readonly #devices: Device[] = [];
  readonly #random: Random;
  readonly #director: Director;
  readonly #truth: Truth;
  /** Truth of the stretch under way, which comes lift by lift. */
  #windows: TruthWindow[] = [];
  readonly #write: (window: TruthWindow) => void;
  /** When each lift or its device is next due, ms. */
  readonly #due: Float64Array;
  /** The end of the stretch under way, ms, and the next lift to be taken through it; null between stretches. */
  #end = 0;
  #next: number | null = null;
  #cues = 0;
  /** Ends of the outages of gateways that last. */
  readonly #buildings = new Set<(to: number) => void>();

  constructor(options: StreamOptions) {
    const { lifts, startAt, rampMs } = options;
    this.#random = Random.seeded(options.seed);
    this.#write = options.truth;
    this.#truth = new Truth((window) => this.#windows.push(window));
    const carriers = carrierOfEach(options);
    for (const [index, record] of lifts.entries()) {
      const random = this.#random.split("lift", record.liftId);
      const device = new Device({
        index,
        random,
        sink: options.sink,
        startAt: startAt + random.split("ramp").integer(0, rampMs),
        kind: deviceKind(options.devices ?? FULL_DEVICES, random),
        outages: this.#outages(carriers[index], options),
        unheard: this.#unheard(index, carriers[index], lifts),
      });
      const lift =
        record.kind === "escalator"
          ? new Escalator(escalatorSpec(record, random.split("spec")), random, device, startAt)
          : new Lift(liftSpec(record, random.split("spec"), startAt), random, device, startAt);
      device.attach(lift);
      this.#lifts.push(lift);
      this.#devices.push(device);
    }
    const specs = this.#lifts.map((lift) => lift.spec);
    this.#director = openDirector(options.scenario, { lifts, specs }, this.#random, startAt + rampMs);
    this.#due = Float64Array.from(this.#lifts, (_, index) => this.#dueOf(index));
  }

  /** Time of the next event, ms. */
  get nextAt(): number {
    return this.#due.reduce((first, due) => Math.min(first, due), this.#director.nextAt);
  }

  /**
   * Does everything due before or at `at`, about `most` events at a time. Returns false when there is more to do; until it has
   * returned true, what has been said is not complete up to any time.
   */
  run(at: number, most: number): boolean {
    for (let left = most; ;) {
      // What the director cues on a lift happens after what that lift does at the same instant.
      if (this.#next === null) this.#end = Math.min(at, this.#director.nextAt);
      left = this.#stretch(left);
      if (this.#next !== null) return false;
      this.#settle();
      if (this.#director.nextAt === this.#end) this.#cue();
      else if (this.#end >= at) return true;
    }
  }

  /** Ends the run: truth that is still open is written. */
  close(at: number): void {
    for (const end of this.#buildings) end(at);
    this.#settle();
    this.#truth.close(at);
    this.#settle();
  }

  /** For a connection that the model did not plan: the payload of its will, and the announcement once it is up. */
  will(lift: number, at: number): string {
    return this.#devices[lift]?.will(at) ?? "";
  }
  announce(lift: number, at: number): void {
    this.#devices[lift]?.announce(at);
  }

  /** Takes lifts through the stretch until all are there or about `most` events are done. Returns how many are left. */
  #stretch(most: number): number {
    const due = this.#due;
    const end = this.#end;
    let left = most;
    for (let index = this.#next ?? 0; index < due.length; index++) {
      if ((due[index] ?? 0) > end) continue;
      if (left <= 0) {
        this.#next = index;
        return left;
      }
      left -= this.#advance(index, end);
    }
    this.#next = null;
    return left;
  }

  /** Takes one lift and its device to `end`. Returns the number of events. */
  #advance(index: number, end: number): number {
    const lift = this.#lifts[index];
    const device = this.#devices[index];
    if (lift === undefined || device === undefined) return 0;
    for (let events = 0; ; events++) {
      const liftAt = lift.nextAt;
      const deviceAt = device.nextAt;
      if (Math.min(liftAt, deviceAt) > end) {
        this.#due[index] = Math.min(liftAt, deviceAt);
        return events;
      }
      if (liftAt <= deviceAt) lift.step();
      else device.step();
    }
  }

  /** Writes the truth of a stretch that is done, in the order in which the windows ended. */
  #settle(): void {
    if (this.#windows.length === 0) return;
    const windows = this.#windows;
    this.#windows = [];
    for (const window of windows.sort((a, b) => a.to - b.to)) this.#write(window);
  }

  #outages(carrier: Carrier | undefined, { links, startAt }: StreamOptions): LinkOutages | null {
    if (links === undefined || carrier === undefined) return null;
    const random = this.#random.split("link", carrier.name);
    return new LinkOutages(links.rates, random, startAt, carrier.lifts.length > 1 ? "gateway" : "link");
  }

  /** Truth of a lift whose way to the broker breaks; that of a building with many is told once, with its first lift. */
  #unheard(index: number, carrier: Carrier | undefined, records: readonly LiftRecord[]): Unheard {
    const liftId = records[index]?.liftId ?? "";
    const members = carrier?.lifts[0] === index ? carrier.lifts.map((member) => records[member]?.liftId ?? "") : [];
    return (from, heardAt) => {
      const end = this.#truth.begin(liftId, "silent", heardAt);
      const endMass = (to: number): void => {
        this.#buildings.delete(endMass);
        // Only what is silent for long enough can be told from lifts that have nothing to say.
        if (to - from >= HAZARD_AFTER_MS.silent) this.#truth.beginMass(members, from)(to);
      };
      if (members.length > 0) this.#buildings.add(endMass);
      return (to) => {
        end(to);
        if (members.length > 0) endMass(to);
      };
    };
  }

  #dueOf(index: number): number {
    return Math.min(this.#lifts[index]?.nextAt ?? Infinity, this.#devices[index]?.nextAt ?? Infinity);
  }

  #cue(): void {
    const at = this.#director.nextAt;
    const cue = this.#director.next((lift) => this.#lifts[lift]?.freeAt(at) === true);
    if (cue === null) return;
    const lift = this.#lifts[cue.lift];
    const device = this.#devices[cue.lift];
    if (lift === undefined || device === undefined) return;
    const random = this.#random.split("course", this.#cues++, lift.spec.liftId);
    const truth = cue.cause === undefined ? this.#truth : this.#truth.because(cue.cause);
    const course = cue.course({
      at,
      lift,
      device,
      random,
      truth,
      durationMs: cue.durationMs,
      ...(cue.code === undefined ? {} : { code: cue.code }),
    });
    if (cue.slow !== true) lift.begin(course, at);
    else if (lift.kind === "lift" && lift.courses.slowFree) lift.beginSlow(course, at);
    this.#due[cue.lift] = this.#dueOf(cue.lift);
  }
}

function carrierOfEach({ links }: StreamOptions): Carrier[] {
  const carriers: Carrier[] = [];
  for (const carrier of links?.carriers ?? []) for (const lift of carrier.lifts) carriers[lift] = carrier;
  return carriers;
}
