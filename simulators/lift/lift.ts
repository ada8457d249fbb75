/**
 * A lift as a discrete-event machine: calls, the run, the stop, the door, people. It knows nothing of messages; an observer
 * is told what a controller could see. A course (faults/) can take it over at chosen points and drive its parts.
 */
import type { DoorState, Mode } from "../../src/core/reading.ts";
import { Calls } from "./calls.ts";
import { Condition } from "./condition.ts";
import { Courses } from "./courses.ts";
import { Door } from "./door.ts";
import { Drive } from "./drive.ts";
import type { Course, Machine, Observer, Point, Sensed } from "./machine.ts";
import { BrakeStop, RopeSlip, SCurve } from "./motion.ts";
import type { MotionLimits, Trajectory } from "./motion.ts";
import type { Random } from "../random.ts";
import { Senses } from "./senses.ts";
import { KEPT_LEVEL_M, RELEVEL, landingM, nearestFloor, ropeStretchM, stopErrorMm } from "./spec.ts";
import type { LiftSpec } from "./spec.ts";
import {
  SAMPLE_EVERY_MS,
  MOST_REOPENINGS,
  MOST_COUNTED,
  BOARD_AFTER_MS,
  RELEVEL_DELAY_MS,
  RELEVEL_POLL_MS,
  TOLD_LEVEL_M,
} from "./timing.ts";
import { Traffic } from "./traffic.ts";
import type { Journey } from "./traffic.ts";

type Phase = "idle" | "opening" | "open" | "closing" | "starting" | "running" | "held";

const NEVER = Number.POSITIVE_INFINITY;

export class Lift implements Machine {
  readonly kind = "lift";
  readonly sampleEveryMs = SAMPLE_EVERY_MS;
  readonly spec: LiftSpec;
  readonly liftId: string;
  readonly door: Door;
  readonly senses: Senses;
  readonly condition = new Condition();
  readonly courses: Courses;
  readonly #random: Random;
  readonly #traffic: Traffic;
  readonly #observer: Observer;
  mode: Mode = "normal";
  powered = true;
  tripCount: number;
  readonly #calls: Calls;
  #phase: Phase = "idle";
  #floor: number;
  #direction = 0;
  readonly #drive: Drive;
  #timerAt = NEVER;
  /** When the open door may close, and when the car is to re-level. */
  #closeAt = 0;
  #relevelAt = NEVER;
  #toldM = 0;
  #arrivalAt: number;
  reopenings = 0;
  nextAt: number;

  constructor(spec: LiftSpec, random: Random, observer: Observer, at: number) {
    this.spec = spec;
    this.liftId = spec.liftId;
    this.door = new Door(spec.doorTimes);
    this.senses = new Senses(spec);
    this.#random = random.split("lift");
    this.#traffic = new Traffic(random.split("traffic"), spec);
    this.courses = new Courses(spec.liftId);
    this.#observer = observer;
    this.tripCount = spec.tripCount;
    this.#calls = new Calls(spec.ratedLoadKg);
    this.#floor = this.#random.chance(0.4) ? 1 : this.#random.integer(1, spec.floors);
    this.#drive = new Drive(landingM(spec, this.#floor) + stopErrorMm(spec, this.#random, 0) / 1_000);
    this.#arrivalAt = this.#traffic.nextAfter(at);
    this.nextAt = this.#arrivalAt;
  }

  get moving(): boolean {
    return this.#drive.path !== null;
  }
  freeAt(at: number): boolean {
    return this.courses.freeAt(at);
  }
  /** Last floor it stopped at or nearest to, when at rest. */
  get floor(): number {
    return this.#floor;
  }
  /** The movement under way, for a course that plans on it. */
  get path(): Trajectory | null {
    return this.#drive.path;
  }
  /** Metres above the lowest landing where it rests, or where the movement under way began. */
  get restM(): number {
    return this.#drive.restM;
  }
  /** When the movement under way ends, ms. */
  get arrivesAt(): number {
    return this.#drive.endsAt;
  }
  /** +1 up, -1 down, of the movement under way. */
  get sign(): number {
    return this.#drive.sign;
  }
  /** People in the car; a dumbwaiter carries none. */
  get persons(): number {
    return this.spec.kind === "dumbwaiter" ? 0 : this.#calls.riders.length;
  }
  get loadKg(): number {
    return this.#calls.loadKg;
  }
  get doorState(): DoorState {
    return this.door.state;
  }
  get sensedPersons(): number {
    return Math.max(this.senses.leastPersons, this.persons);
  }
  get sensedLoadKg(): number {
    return this.senses.loadKg ?? this.loadKg;
  }
  sense(at: number, into: Sensed): void {
    this.senses.read(this.speedAt(at), this.positionAt(at), into);
  }
  /** Metres above the lowest landing. */
  positionAt(at: number): number {
    return this.#drive.positionAt(at);
  }
  /** Up is positive. */
  speedAt(at: number): number {
    return this.#drive.speedAt(at);
  }

  /** Does what is due at `nextAt`. */
  step(): void {
    const at = this.nextAt;
    if (at === this.door.movingUntil) this.#doorArrived(at);
    else if (at === this.#drive.endsAt) this.#motionEnded(at);
    else if (at === this.#timerAt) this.#timerFired(at);
    else if (at === this.#relevelAt) {
      this.#relevelAt = NEVER;
      this.moveToLanding(at, RELEVEL, this.#floor);
    } else if (at === this.courses.nextAt) this.courses.step();
    else this.#arrivals(at);
    this.#reschedule();
  }

  // --- For courses -----------------------------------------------------------------------------------------------

  begin(course: Course, at: number): void {
    this.courses.begin(course, at);
    if (this.#phase === "idle") this.#reached("idle", at);
    this.#reschedule();
  }
  /** Lets wear begin beside whatever else befalls the lift. */
  beginSlow(course: Course, at: number): void {
    this.courses.beginSlow(course, at);
    this.#reschedule();
  }
  /** Takes the lift out of the controller's hands; movements under way go on. */
  seize(): void {
    this.#phase = "held";
    this.#timerAt = NEVER;
    this.#relevelAt = NEVER;
  }
  /** Gives it back: the door stands open, or the car stands at a landing with the door closed. */
  release(at: number): void {
    if (this.door.state === "open") this.#dwell(at);
    else this.#decide(at);
  }
  openDoor(at: number): void {
    this.door.slowness = this.condition.doorTimes;
    this.door.open(at);
    this.#observer.doorChanged(at);
  }
  closeDoor(at: number): void {
    this.door.slowness = this.condition.doorTimes;
    this.door.close(at);
    this.#observer.doorChanged(at);
  }
  /** Moves the car by a signed distance. Returns the path, whose times count from `at`. */
  move(at: number, byM: number, limits: MotionLimits): SCurve {
    const path = new SCurve(Math.abs(byM), limits);
    this.#setMotion(at, path, Math.sign(byM));
    return path;
  }
  /** Moves it to the nearest landing, or to `floor`. */
  moveToLanding(at: number, limits: MotionLimits, floor = nearestFloor(this.spec, this.positionAt(at))): void {
    this.move(at, this.#targetM(floor) - this.positionAt(at), limits);
  }
  /** The motor turns and the car does not: the ropes slip on the sheave. The drive's speed, up positive, for so long. */
  slip(at: number, speedMps: number, durationS: number): void {
    this.#setMotion(at, new RopeSlip(Math.abs(speedMps), durationS), Math.sign(speedMps));
  }
  /** The brake falls in. */
  brake(at: number): void {
    const speed = this.speedAt(at);
    this.#setMotion(at, new BrakeStop(Math.max(Math.abs(speed), 1e-3), this.brakeMps2), Math.sign(speed), false);
  }
  /** Deceleration by the brake as it is, m/s². */
  get brakeMps2(): number {
    return this.spec.brakeMps2 * this.condition.brakeTorque;
  }
  /** Begins the run that has just begun anew, with other limits, and so much further, m. */
  rerun(at: number, limits: MotionLimits, furtherM = 0): SCurve {
    const path = new SCurve(this.#drive.justBegun(at).distanceM + furtherM, limits);
    this.#setMotion(at, path, this.sign, false);
    return path;
  }
  /** Limits of an ordinary run as the lift is. */
  get runLimits(): MotionLimits {
    return this.condition.limits(this.spec.run);
  }
  /** Everyone in the car gets out. */
  evacuate(at: number): void {
    const beforeKg = this.loadKg;
    this.#calls.alight("everyone");
    this.#loadChanged(at, beforeKg);
  }
  /** Those who wait at this landing get in now. */
  admit(at: number): void {
    const beforeKg = this.loadKg;
    if (this.#calls.board(this.#floor) > 0) this.#loadChanged(at, beforeKg);
  }
  /** Somebody calls. A lift that is idle serves it at once. */
  call(at: number, journeys: readonly Journey[]): void {
    this.#calls.arrive(at, journeys);
    if (this.#phase === "idle") this.#decide(at);
    this.#reschedule();
  }
  /** Out of normal mode no calls are served; a run under way ends as it would, and everyone gets out. */
  setMode(at: number, mode: Mode): void {
    this.mode = mode;
    this.#observer.statusChanged(at);
    if (this.#phase === "idle") this.#decide(at);
    this.#reschedule();
  }
  setPowered(at: number, powered: boolean): void {
    this.powered = powered;
    this.#observer.statusChanged(at);
  }
  /** A sensor speaks up: what it says has changed though the lift did nothing. */
  tell(at: number, sensor: "position" | "load"): void {
    if (sensor === "position") this.#observer.levelChanged(at);
    else this.#observer.statusChanged(at);
  }
  reportFault(at: number, code: string, active: boolean): void {
    this.#observer.faultChanged(at, code, active);
  }

  // --- The controller --------------------------------------------------------------------------------------------

  #doorArrived(at: number): void {
    this.door.arrive();
    this.#observer.doorChanged(at);
    if (this.#phase === "opening") {
      this.#dwell(at);
      this.#reached("open", at);
    } else if (this.#phase === "closing") {
      this.#timerAt = NEVER;
      this.#phase = "idle";
      if (!this.#reached("closed", at)) this.#decide(at);
    } else this.courses.happened("door", at);
  }

  #motionEnded(at: number): void {
    this.#drive.end();
    this.#toldM = this.restM;
    this.#floor = nearestFloor(this.spec, this.#toldM);
    this.#observer.stopped(at);
    if (this.#phase === "running") {
      this.reopenings = 0;
      this.#phase = "opening";
      this.openDoor(at);
    } else this.courses.happened("stopped", at);
  }

  #timerFired(at: number): void {
    this.#timerAt = NEVER;
    if (this.#phase === "open") this.#openFor(at);
    else if (this.#phase === "starting") this.#run(at);
    else if (this.#phase === "closing") {
      // Somebody or something stands in the way.
      this.reopenings++;
      this.#phase = "opening";
      this.openDoor(at);
    }
  }

  /** The door is open: those who have arrived get out, those who wait get in, and it stays open for a while. */
  #dwell(at: number): void {
    this.#phase = "open";
    const beforeKg = this.loadKg;
    // Out of normal mode everyone gets out.
    const out = this.#calls.alight(this.mode === "normal" ? this.#floor : "everyone");
    if (out > 0) this.#loadChanged(at, beforeKg);
    const waiting = this.#calls.waitingAt(this.#floor);
    const { dwellMs, personMs } = this.spec;
    this.#closeAt = at + dwellMs + personMs * Math.min(out + waiting, MOST_COUNTED) + this.#random.integer(0, 800);
    this.#timerAt = waiting > 0 ? Math.min(this.#closeAt, at + BOARD_AFTER_MS + personMs * Math.min(out, MOST_COUNTED)) : this.#closeAt;
  }

  /** People get in; when it is time, those who came late do, and then the door closes, unless the car is about to re-level. */
  #openFor(at: number): void {
    const beforeKg = this.loadKg;
    if (this.mode === "normal" && this.#calls.board(this.#floor) > 0) this.#loadChanged(at, beforeKg);
    if (at < this.#closeAt) this.#timerAt = this.#closeAt;
    else if (this.moving || this.#relevelAt !== NEVER) this.#timerAt = at + RELEVEL_POLL_MS;
    else this.#close(at);
  }

  #close(at: number): void {
    this.#phase = "closing";
    this.closeDoor(at);
    if (this.reopenings < MOST_REOPENINGS && this.#random.chance(this.spec.reopenChance)) {
      this.#timerAt = at + Math.max(1, Math.floor((this.door.movingUntil - at) * this.#random.between(0.2, 0.9)));
    }
  }

  /** The ropes stretch or recover; a car that leaves its kept level re-levels, with its door open. */
  #loadChanged(at: number, beforeKg: number): void {
    this.#observer.statusChanged(at);
    if (this.moving) return;
    const { spec, restM } = this;
    this.#drive.restM = restM - ropeStretchM(spec, this.loadKg, restM) + ropeStretchM(spec, beforeKg, restM);
    if (Math.abs(this.restM - this.#toldM) >= TOLD_LEVEL_M) {
      this.#toldM = this.restM;
      this.#observer.levelChanged(at);
    }
    const offM = Math.abs(this.restM - landingM(spec, this.#floor) - this.condition.levelBiasMm / 1_000);
    if (this.#phase === "open" && offM > KEPT_LEVEL_M && this.#relevelAt === NEVER) {
      this.#relevelAt = at + this.#random.integer(...RELEVEL_DELAY_MS);
    }
  }

  /** Height at which the controller takes the car for level with a landing, with the error of this stop, m. */
  #targetM(floor: number): number {
    const { levelBiasMm, stopScatter } = this.condition;
    return landingM(this.spec, floor) + (levelBiasMm + stopErrorMm(this.spec, this.#random, this.loadKg, stopScatter)) / 1_000;
  }

  /** Door closed, at a landing: where to next? */
  #decide(at: number): void {
    this.#phase = "idle";
    const stop = this.#nextStop();
    if (stop === null) {
      this.#direction = 0;
      this.#reached("idle", at);
    } else if (stop === this.#floor) {
      this.#phase = "opening";
      this.openDoor(at);
    } else {
      this.#direction = Math.sign(stop - this.#floor);
      this.#phase = "starting";
      this.#timerAt = at + this.spec.startDelayMs;
    }
  }

  /** Out of normal mode nobody is taken anywhere: who is inside gets out here. */
  #nextStop(): number | null {
    if (this.mode === "normal") return this.#calls.nextStop(this.#floor, this.#direction);
    return this.persons > 0 ? this.#floor : null;
  }

  #run(at: number): void {
    const target = this.#nextStop();
    if (target === null || target === this.#floor) {
      this.#decide(at);
      return;
    }
    this.#phase = "running";
    this.tripCount++;
    this.#direction = Math.sign(target - this.#floor);
    const overrunM = (this.#direction * this.condition.overrunMm) / 1_000;
    this.move(at, this.#targetM(target) + overrunM - this.restM, this.runLimits);
    this.#reached("run", at);
  }

  #setMotion(at: number, path: Trajectory, sign: number, fresh = true): void {
    this.#drive.start(at, path, sign);
    if (fresh) this.#observer.started(at);
  }

  #arrivals(at: number): void {
    this.#arrivalAt = this.#traffic.nextAfter(at);
    const people = this.#traffic.arrive(at);
    if (this.mode !== "normal") return;
    this.#calls.arrive(at, people);
    if (this.#phase === "idle") this.#decide(at);
  }

  /** True when the course, waiting for this point, took the lift over. */
  #reached(point: Point, at: number): boolean {
    return this.courses.reached(point, at) && this.#phase === "held";
  }

  #reschedule(): void {
    this.nextAt = Math.min(this.#arrivalAt, this.#timerAt, this.#relevelAt, this.#drive.endsAt, this.door.movingUntil, this.courses.nextAt);
  }
}
