/**
 * An escalator or a moving walk as a discrete-event machine: it starts and stops by the clock, dips under load, crawls when nobody
 * comes, and its handrail follows the steps. Nobody counts its people.
 */
import type { LiftRecord } from "../../src/core/lift.ts";
import type { Mode } from "../../src/core/reading.ts";
import { isMovingWalk, useOf } from "../../src/core/building-use.ts";
import type { Use } from "../../src/core/building-use.ts";
import { Courses } from "./courses.ts";
import type { Course, Machine, Observer, Sensed } from "./machine.ts";
import { PATTERNS } from "./patterns.ts";
import type { Random } from "../random.ts";
import { nextArrival, timeOfDay } from "./traffic.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NEVER = Number.POSITIVE_INFINITY;

/** Physical constants of one escalator. */
export interface EscalatorSpec {
  readonly liftId: string;
  readonly kind: "escalator";
  readonly movingWalk: boolean;
  readonly use: Use;
  readonly district: string;
  readonly building: string;
  readonly ratedSpeedMps: number;
  /** Speed without load as a share of the rated, and how much of it the fullest load takes away. */
  readonly freeFactor: number;
  readonly dip: number;
  /** Speed of the handrail against the steps. */
  readonly handrailFactor: number;
  /** Starts and stops at these times of the day, ms; equal: never stops. */
  readonly startsAt: number;
  readonly stopsAt: number;
  /** Crawls after so long without a passenger, ms; null: always at full speed. */
  readonly crawlAfterMs: number | null;
  readonly passengersPerDay: number;
}

/** Where the register says nothing, m/s; what an escalator that saves energy keeps up without passengers, m/s (assumptions). */
const UNKNOWN_MPS = 0.5;
const CRAWL_MPS = 0.2;
/** Changes of speed in service, m/s²; and by the safety brake (assumptions). */
const GENTLE_MPS2 = 0.15;
const BRAKE_MPS2 = 0.6;
/** Opening hours of escalators by use, h (assumption): a hospital's never stop. */
const HOURS: Readonly<Record<Use, readonly [from: number, to: number]>> = {
  residential: [6, 23],
  office: [7, 21],
  mall: [9.5, 22.2],
  hospital: [0, 0],
  hotel: [6, 24],
  industrial: [7, 19],
};
/** The load is looked at this often, ms; the sensor speaks up when it changes the speed by this share (assumptions). */
const LOAD_EVERY_MS: readonly [number, number] = [60_000, 180_000];
const TOLD_SHARE = 0.01;
/** By exception: once a second while the speed is out of the ordinary, else this often (assumption). */
const UNSTEADY_SAMPLE_MS = 1_000;
const STEADY_SAMPLE_MS = 30_000;

export function escalatorSpec(record: LiftRecord, random: Random): EscalatorSpec {
  const use = useOf(record);
  const [from, to] = HOURS[use];
  const jitter = from === to ? 0 : random.between(-0.3, 0.3);
  return {
    liftId: record.liftId,
    kind: "escalator",
    movingWalk: isMovingWalk(record),
    use,
    district: record.district ?? "",
    building: record.building ?? "",
    ratedSpeedMps: record.ratedSpeedMps ?? UNKNOWN_MPS,
    freeFactor: random.between(0.99, 1.02),
    dip: random.between(0.01, 0.04),
    handrailFactor: random.between(0.995, 1.02),
    startsAt: Math.round((from + jitter) * HOUR_MS),
    stopsAt: Math.round((from === to ? from : Math.min(24, to + jitter)) * HOUR_MS) % DAY_MS,
    crawlAfterMs: random.chance(0.4) ? Math.round(random.between(40_000, 90_000)) : null,
    passengersPerDay: random.between(800, 6_000),
  };
}

export class Escalator implements Machine {
  readonly kind = "escalator";
  readonly spec: EscalatorSpec;
  readonly doorState = null;
  readonly sensedPersons = null;
  readonly sensedLoadKg = null;
  readonly tripCount = 0;
  readonly courses: Courses;
  readonly #random: Random;
  readonly #observer: Observer;
  mode: Mode = "normal";
  powered = true;
  /** The speed changes evenly from one value to another. */
  #from = { at: 0, mps: 0 };
  #to = { at: 0, mps: 0 };
  #changedAt = NEVER;
  #load = 0;
  #toldLoad = 0;
  #held = false;
  #handrail = 1;
  #clockAt: number;
  #loadAt: number;
  #passengerAt = NEVER;
  #crawlAt = NEVER;
  nextAt = 0;

  constructor(spec: EscalatorSpec, random: Random, observer: Observer, at: number) {
    this.spec = spec;
    this.courses = new Courses(spec.liftId);
    this.#random = random.split("escalator");
    this.#observer = observer;
    this.#loadAt = at + this.#random.integer(...LOAD_EVERY_MS);
    this.#clockAt = this.#nextHour(at);
    this.#setSpeed(at, this.#open(at) ? spec.ratedSpeedMps : 0);
    this.#serve(at);
    this.#reschedule();
  }

  get liftId(): string {
    return this.spec.liftId;
  }
  get moving(): boolean {
    return this.#to.mps !== 0 || this.#from.mps !== 0;
  }
  /** At a constant speed above a crawl. */
  get atSpeed(): boolean {
    return this.#changedAt === NEVER && this.#to.mps > CRAWL_MPS;
  }
  get sampleEveryMs(): number {
    const ordinary = this.#to.mps === this.spec.ratedSpeedMps || this.#to.mps === CRAWL_MPS;
    return ordinary && this.#changedAt === NEVER && this.#handrail === 1 ? STEADY_SAMPLE_MS : UNSTEADY_SAMPLE_MS;
  }
  freeAt(at: number): boolean {
    return this.courses.freeAt(at);
  }
  /** Speed of the steps in the direction of travel, m/s. */
  speedAt(at: number): number {
    const { spec } = this;
    const [from, to] = [this.#from, this.#to];
    const done = at >= to.at ? 1 : (at - from.at) / (to.at - from.at);
    const drive = from.mps + (to.mps - from.mps) * done;
    return drive * (spec.freeFactor - spec.dip * this.#load);
  }
  sense(at: number, into: Sensed): void {
    into.speedMps = this.speedAt(at);
    into.handrailMps = into.speedMps * this.spec.handrailFactor * this.#handrail;
  }

  step(): void {
    const at = this.nextAt;
    if (at === this.#changedAt) this.#speedReached(at);
    else if (at === this.courses.nextAt) this.courses.step();
    else if (at === this.#clockAt) this.#clock(at);
    else if (at === this.#crawlAt) this.#crawl(at);
    else if (at === this.#passengerAt) this.#passenger(at);
    else this.#loadChanges(at);
    this.#reschedule();
  }

  // --- For courses -----------------------------------------------------------------------------------------------

  begin(course: Course, at: number): void {
    this.courses.begin(course, at);
    if (!this.#held && this.atSpeed) this.courses.reached("run", at);
    this.#reschedule();
  }
  /** Takes it out of the controller's hands: clock and passengers change nothing. */
  seize(): void {
    this.#held = true;
    this.#crawlAt = NEVER;
  }
  /** Gives it back: it does what the clock asks. */
  release(at: number): void {
    this.#held = false;
    this.#drive(at, this.#open(at) ? this.spec.ratedSpeedMps : 0, GENTLE_MPS2);
    this.#serve(at);
  }
  /** The drive goes to another speed; negative runs backwards. Returns when it is there, ms. */
  drive(at: number, mps: number, mps2 = GENTLE_MPS2): number {
    this.#drive(at, mps, mps2);
    return this.#to.at;
  }
  /** The safety brake stops it. Returns when it stands, ms. */
  brake(at: number): number {
    return this.drive(at, 0, BRAKE_MPS2);
  }
  /** The handrail runs at this share of its ordinary speed; 1 is healthy. */
  setHandrail(at: number, share: number): void {
    this.#handrail = share;
    this.#observer.levelChanged(at);
  }
  reportFault(at: number, code: string, active: boolean): void {
    this.#observer.faultChanged(at, code, active);
  }
  setPowered(at: number, powered: boolean): void {
    this.powered = powered;
    this.#observer.statusChanged(at);
  }

  // --- Clock, load, passengers -----------------------------------------------------------------------------------

  #open(at: number): boolean {
    const { startsAt, stopsAt } = this.spec;
    if (startsAt === stopsAt) return true;
    const now = timeOfDay(at);
    return startsAt < stopsAt ? now >= startsAt && now < stopsAt : now >= startsAt || now < stopsAt;
  }
  #nextHour(at: number): number {
    const { startsAt, stopsAt } = this.spec;
    if (startsAt === stopsAt) return NEVER;
    const now = timeOfDay(at);
    const wait = (time: number): number => (time > now ? time - now : time - now + DAY_MS);
    return at + Math.min(wait(startsAt), wait(stopsAt));
  }
  #clock(at: number): void {
    this.#clockAt = this.#nextHour(at);
    if (this.#held) return;
    this.#drive(at, this.#open(at) ? this.spec.ratedSpeedMps : 0, GENTLE_MPS2);
    this.#serve(at);
  }
  /** In service passengers come; a crawl begins when none has for a while. */
  #serve(at: number): void {
    const { crawlAfterMs } = this.spec;
    const serves = this.#open(at) && crawlAfterMs !== null;
    this.#passengerAt = serves ? this.#nextPassenger(at) : NEVER;
    this.#crawlAt = serves ? at + crawlAfterMs : NEVER;
  }
  #nextPassenger(at: number): number {
    return nextArrival(this.#random, PATTERNS[this.spec.use], this.spec.passengersPerDay, at);
  }
  #passenger(at: number): void {
    this.#passengerAt = this.#nextPassenger(at);
    if (this.#held || !this.#open(at)) return;
    if (this.#to.mps !== this.spec.ratedSpeedMps) this.#drive(at, this.spec.ratedSpeedMps, GENTLE_MPS2);
    this.#crawlAt = at + (this.spec.crawlAfterMs ?? NEVER);
  }
  #crawl(at: number): void {
    this.#crawlAt = NEVER;
    this.#drive(at, CRAWL_MPS, GENTLE_MPS2);
  }
  #loadChanges(at: number): void {
    this.#loadAt = at + this.#random.integer(...LOAD_EVERY_MS);
    // Mostly little, now and then full.
    this.#load = this.#random.uniform() ** 2;
    if (this.#changedAt !== NEVER || !this.moving) return;
    if (Math.abs(this.#load - this.#toldLoad) * this.spec.dip < TOLD_SHARE) return;
    this.#toldLoad = this.#load;
    this.#observer.levelChanged(at);
  }

  #drive(at: number, mps: number, mps2: number): void {
    const { freeFactor, dip } = this.spec;
    const now = this.speedAt(at) / (freeFactor - dip * this.#load);
    if (now === mps && this.#to.mps === mps) return;
    const wasMoving = this.moving;
    this.#from = { at, mps: now };
    this.#to = { at: at + Math.max(1, Math.round((Math.abs(mps - now) / mps2) * 1_000)), mps };
    this.#changedAt = this.#to.at;
    if (wasMoving) this.#observer.levelChanged(at);
    else this.#observer.started(at);
  }
  #setSpeed(at: number, mps: number): void {
    this.#from = { at, mps };
    this.#to = { at, mps };
  }
  #speedReached(at: number): void {
    this.#changedAt = NEVER;
    this.#setSpeed(at, this.#to.mps);
    if (this.moving) this.#observer.levelChanged(at);
    else this.#observer.stopped(at);
    if (!this.#held && this.atSpeed) this.courses.reached("run", at);
  }

  #reschedule(): void {
    this.nextAt = Math.min(this.#clockAt, this.#loadAt, this.#passengerAt, this.#crawlAt, this.#changedAt, this.courses.nextAt);
  }
}
