/**
 * A fleet as one stream of events in the order of time: the same for a recording and for a live run. Pure: it has no clock,
 * and what it says goes to a sink.
 */
import type { LiftRecord } from "../../src/core/lift.ts";
import { Agenda } from "./agenda.ts";
import { Device } from "../device/device.ts";
import type { Sink } from "../device/device.ts";
import { openDirector } from "../faults/director.ts";
import type { Director, Scenario } from "../faults/director.ts";
import { Lift } from "../lift/lift.ts";
import { Random } from "../random.ts";
import { liftSpec } from "../lift/spec.ts";
import { Truth } from "../faults/truth.ts";
import type { TruthWindow } from "../faults/truth.ts";

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
}

export class FleetStream {
  readonly #lifts: Lift[] = [];
  readonly #devices: Device[] = [];
  readonly #random: Random;
  readonly #director: Director;
  readonly #agenda: Agenda;
  readonly #truth: Truth;
  #cues = 0;

  constructor(options: StreamOptions) {
    this.#random = Random.seeded(options.seed);
    this.#truth = new Truth(options.truth);
    for (const [index, record] of options.lifts.entries()) {
      const random = this.#random.split("lift", record.liftId);
      const switchedOn = options.startAt + random.split("ramp").integer(0, options.rampMs);
      const device = new Device(index, random, options.sink, switchedOn);
      const lift = new Lift(liftSpec(record, random.split("spec"), options.startAt), random, device, options.startAt);
      device.attach(lift);
      this.#lifts.push(lift);
      this.#devices.push(device);
    }
    const specs = this.#lifts.map((lift) => lift.spec);
    this.#director = openDirector(options.scenario, specs, this.#random, options.startAt + options.rampMs);
    // The director is the last member; what it cues on a lift happens after what that lift does at the same instant.
    this.#agenda = new Agenda([...this.#lifts.map((_, index) => this.#dueOf(index)), this.#director.nextAt]);
  }

  /** Time of the next event, ms. */
  get nextAt(): number {
    return this.#agenda.nextAt;
  }

  /** Does everything due before or at `at`, at most `most` events. Returns false when there was more to do. */
  run(at: number, most: number): boolean {
    const agenda = this.#agenda;
    for (let count = 0; agenda.nextAt <= at; count++) {
      if (count >= most) return false;
      const index = agenda.next;
      const lift = this.#lifts[index];
      const device = this.#devices[index];
      if (lift === undefined || device === undefined) this.#cue();
      else {
        if (lift.nextAt <= device.nextAt) lift.step();
        else device.step();
        agenda.set(index, Math.min(lift.nextAt, device.nextAt));
      }
    }
    return true;
  }

  /** Ends the run: truth that is still open is written. */
  close(at: number): void {
    this.#truth.close(at);
  }

  /** For a connection that the model did not plan: the payload of its will, and the announcement once it is up. */
  will(lift: number, at: number): string {
    return this.#devices[lift]?.will(at) ?? "";
  }
  announce(lift: number, at: number): void {
    this.#devices[lift]?.announce(at);
  }

  #dueOf(index: number): number {
    return Math.min(this.#lifts[index]?.nextAt ?? Infinity, this.#devices[index]?.nextAt ?? Infinity);
  }

  #cue(): void {
    const at = this.#director.nextAt;
    const cue = this.#director.next((lift) => this.#lifts[lift]?.freeAt(at) === true);
    this.#agenda.set(this.#lifts.length, this.#director.nextAt);
    if (cue === null) return;
    const lift = this.#lifts[cue.lift];
    const device = this.#devices[cue.lift];
    if (lift === undefined || device === undefined) return;
    const random = this.#random.split("course", this.#cues++, lift.spec.liftId);
    const truth = cue.cause === undefined ? this.#truth : this.#truth.because(cue.cause);
    lift.begin(cue.course({ at, lift, device, random, truth, durationMs: cue.durationMs }), at);
    this.#agenda.set(cue.lift, this.#dueOf(cue.lift));
  }
}
