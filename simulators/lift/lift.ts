/**
 * A lift as a discrete-event machine: calls, the run, the stop, the door, people. It knows nothing of messages; an observer
 * is told what a controller could see. A course (scenarios.ts) can take it over at chosen points and drive its parts.
 */
import type { DoorState, Mode } from "../../src/core/reading.ts";
import { Calls } from "./calls.ts";
import { Door } from "./door.ts";
import { REST_MS } from "./machine.ts";
import type { Course, Machine, Observer, Point, Sensed, Wait } from "./machine.ts";
import { BrakeStop, SCurve } from "./motion.ts";
import type { MotionLimits, Trajectory } from "./motion.ts";
import type { Random } from "../random.ts";
import { Senses } from "./senses.ts";
import { landingM, nearestFloor, stopErrorMm } from "./spec.ts";
import type { LiftSpec } from "./spec.ts";
import { Traffic } from "./traffic.ts";
import type { Journey } from "./traffic.ts";

type Phase = "idle" | "opening" | "open" | "closing" | "starting" | "running" | "held";

/** The device samples once a second while the car moves (contract: speed by exception, 1 Hz while moving). */
const SAMPLE_EVERY_MS = 1_000;
const NEVER = Number.POSITIVE_INFINITY;
/** At most one reopening by an obstruction at a stop, and one for a late call: three within 15 s are a hazard of their own (domain.md §3). */
const MOST_REOPENINGS = 1;
/** The door does not wait longer for more people than these (assumption). */
const MOST_COUNTED = 12;

export class Lift implements Machine {
  readonly kind = "lift";
  readonly sampleEveryMs = SAMPLE_EVERY_MS;
  readonly spec: LiftSpec;
  readonly door: Door;
  readonly senses: Senses;
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
  #restM: number;
  #motion: { readonly path: Trajectory; readonly sign: number; readonly startedAt: number } | null = null;
  #motionEndsAt = NEVER;
  #timerAt = NEVER;
  #arrivalAt: number;
  #reopenings = 0;
  #course: Course | null = null;
  #wait: Wait | null = null;
  #courseEndedAt = Number.NEGATIVE_INFINITY;
  nextAt: number;

  constructor(spec: LiftSpec, random: Random, observer: Observer, at: number) {
    this.spec = spec;
    this.door = new Door(spec.doorTimes);
    this.senses = new Senses(spec);
    this.#random = random.split("lift");
    this.#traffic = new Traffic(random.split("traffic"), spec.floors, spec.journeysPerDay);
    this.#observer = observer;
    this.tripCount = spec.tripCount;
    this.#calls = new Calls(spec.ratedLoadKg);
    this.#floor = this.#random.chance(0.4) ? 1 : this.#random.integer(1, spec.floors);
    this.#restM = landingM(spec, this.#floor) + stopErrorMm(spec, this.#random) / 1_000;
    this.#arrivalAt = this.#traffic.nextAfter(at);
    this.nextAt = this.#arrivalAt;
  }

  get moving(): boolean {
    return this.#motion !== null;
  }
  /** Whether a course may begin at `at`: none is under way, and the last ended a while ago. */
  freeAt(at: number): boolean {
    return this.#course === null && at - this.#courseEndedAt >= REST_MS;
  }
  /** Last floor it stopped at or nearest to, when at rest. */
  get floor(): number {
    return this.#floor;
  }
  /** The movement under way, for a course that plans on it. */
  get path(): Trajectory | null {
    return this.#motion?.path ?? null;
  }
  /** Metres above the lowest landing where it rests, or where the movement under way began. */
  get restM(): number {
    return this.#restM;
  }
  /** +1 up, -1 down, of the movement under way. */
  get sign(): number {
    return this.#motion?.sign ?? 0;
  }
  /** People in the car. */
  get persons(): number {
    return this.#calls.riders.length;
  }
  get loadKg(): number {
    return this.#calls.loadKg;
  }

  get liftId(): string {
    return this.spec.liftId;
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
    const motion = this.#motion;
    return motion === null ? this.#restM : this.#restM + motion.sign * motion.path.positionM((at - motion.startedAt) / 1_000);
  }
  /** Up is positive. */
  speedAt(at: number): number {
    const motion = this.#motion;
    return motion === null ? 0 : motion.sign * motion.path.speedMps((at - motion.startedAt) / 1_000);
  }

  /** Does what is due at `nextAt`. */
  step(): void {
    const at = this.nextAt;
    const wait = this.#wait;
    if (at === this.door.movingUntil) this.#doorArrived(at);
    else if (at === this.#motionEndsAt) this.#motionEnded(at);
    else if (at === this.#timerAt) this.#timerFired(at);
    else if (wait !== null && "until" in wait && at === wait.until) this.#resume(at);
    else this.#arrivals(at);
    this.#reschedule();
  }

  // --- For courses -----------------------------------------------------------------------------------------------

  /** Lets a course begin at `at`; there must be none under way. */
  begin(course: Course, at: number): void {
    if (this.#course !== null) throw new Error(`lift ${this.spec.liftId} has a course under way`);
    this.#course = course;
    this.#resume(at);
    if (this.#phase === "idle") this.#reached("idle", at);
    this.#reschedule();
  }
  /** Takes the lift out of the controller's hands; movements under way go on. */
  seize(): void {
    this.#phase = "held";
    this.#timerAt = NEVER;
  }
  /** Gives it back: the door stands open, or the car stands at a landing with the door closed. */
  release(at: number): void {
    if (this.door.state === "open") this.#dwell(at);
    else this.#decide(at);
  }
  openDoor(at: number): void {
    this.door.open(at);
    this.#observer.doorChanged(at);
  }
  closeDoor(at: number): void {
    this.door.close(at);
    this.#observer.doorChanged(at);
  }
  /** Moves the car by a signed distance. Returns the path, whose times count from `at`. */
  move(at: number, byM: number, limits: MotionLimits): SCurve {
    const path = new SCurve(Math.abs(byM), limits);
    this.#setMotion(at, path, Math.sign(byM));
    return path;
  }
  /** Moves it slowly to the nearest landing. */
  moveToLanding(at: number, limits: MotionLimits): void {
    const target = landingM(this.spec, nearestFloor(this.spec, this.#restM)) + stopErrorMm(this.spec, this.#random) / 1_000;
    this.move(at, target - this.#restM, limits);
  }
  /** The brake falls in. */
  brake(at: number, decelerationMps2: number): void {
    const speed = this.speedAt(at);
    this.#restM = this.positionAt(at);
    this.#setMotion(at, new BrakeStop(Math.abs(speed), decelerationMps2), Math.sign(speed), false);
  }
  /** Begins the run that has just begun anew, with other limits. */
  rerun(at: number, limits: MotionLimits): SCurve {
    const motion = this.#motion;
    if (motion === null || motion.startedAt !== at) throw new Error("a run can be begun anew only as it begins");
    const path = new SCurve(motion.path.distanceM, limits);
    this.#setMotion(at, path, motion.sign, false);
    return path;
  }
  /** Everyone in the car gets out. */
  evacuate(at: number): void {
    this.#calls.alight("everyone");
    this.#observer.statusChanged(at);
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
    } else this.#happened("door", at);
  }

  #motionEnded(at: number): void {
    const motion = this.#motion;
    if (motion !== null) this.#restM += motion.sign * motion.path.distanceM;
    this.#motion = null;
    this.#motionEndsAt = NEVER;
    this.#reopenings = 0;
    this.#floor = nearestFloor(this.spec, this.#restM);
    this.#observer.stopped(at);
    if (this.#phase === "running") {
      this.#phase = "opening";
      this.openDoor(at);
    } else this.#happened("stopped", at);
  }

  #timerFired(at: number): void {
    this.#timerAt = NEVER;
    if (this.#phase === "open") this.#board(at);
    else if (this.#phase === "starting") this.#run(at);
    else if (this.#phase === "closing") {
      // Somebody or something stands in the way.
      this.#reopenings++;
      this.#phase = "opening";
      this.openDoor(at);
    }
  }

  /** The door is open: those who have arrived get out, and it stays open for a while. */
  #dwell(at: number): void {
    this.#phase = "open";
    // Out of normal mode everyone gets out.
    const out = this.#calls.alight(this.mode === "normal" ? this.#floor : "everyone");
    if (out > 0) this.#observer.statusChanged(at);
    const people = Math.min(out + this.#calls.waitingAt(this.#floor), MOST_COUNTED);
    this.#timerAt = at + this.spec.dwellMs + this.spec.personMs * people + this.#random.integer(0, 800);
  }

  /** Those who wait here and fit get in, then the door closes. */
  #board(at: number): void {
    if (this.mode === "normal" && this.#calls.board(this.#floor) > 0) this.#observer.statusChanged(at);
    this.#phase = "closing";
    this.closeDoor(at);
    if (this.#reopenings < MOST_REOPENINGS && this.#random.chance(this.spec.reopenChance)) {
      this.#timerAt = at + Math.max(1, Math.floor((this.door.movingUntil - at) * this.#random.between(0.2, 0.9)));
    }
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
    const toM = landingM(this.spec, target) + stopErrorMm(this.spec, this.#random) / 1_000;
    this.move(at, toM - this.#restM, this.spec.run);
    this.#reached("run", at);
  }

  #setMotion(at: number, path: Trajectory, sign: number, fresh = true): void {
    this.#motion = { path, sign, startedAt: at };
    this.#motionEndsAt = at + Math.max(1, Math.round(path.durationS * 1_000));
    if (fresh) this.#observer.started(at);
  }

  #arrivals(at: number): void {
    this.#arrivalAt = this.#traffic.nextAfter(at);
    const people = this.#traffic.arrive(at);
    if (this.mode !== "normal") return;
    this.#calls.arrive(at, people);
    if (this.#phase === "idle") this.#decide(at);
  }

  // --- Courses ---------------------------------------------------------------------------------------------------

  /** True when the course, waiting for this point, took the lift over. */
  #reached(point: Point, at: number): boolean {
    const wait = this.#wait;
    if (wait === null || !("point" in wait) || wait.point !== point || !wait.when()) return false;
    this.#resume(at);
    return this.#phase === "held";
  }

  #happened(event: "stopped" | "door", at: number): void {
    if (this.#wait !== null && "event" in this.#wait && this.#wait.event === event) this.#resume(at);
  }

  #resume(at: number): void {
    const course = this.#course;
    if (course === null) return;
    this.#wait = null;
    const step = course.next(at);
    if (step.done !== true) this.#wait = step.value;
    else {
      this.#course = null;
      this.#courseEndedAt = at;
    }
  }

  #reschedule(): void {
    const wait = this.#wait;
    this.nextAt = Math.min(
      this.#arrivalAt,
      this.#timerAt,
      this.#motionEndsAt,
      this.door.movingUntil,
      wait !== null && "until" in wait ? wait.until : NEVER,
    );
  }
}
