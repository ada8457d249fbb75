/** The courses under way on one machine: one that may drive its parts, and one of slow wear beside it. */
import { REST_MS } from "./machine.ts";
import type { Course, Point, Wait } from "./machine.ts";

const NEVER = Number.POSITIVE_INFINITY;

export class Courses {
  readonly #liftId: string;
  #course: Course | null = null;
  #wait: Wait | null = null;
  #endedAt = Number.NEGATIVE_INFINITY;
  #slow: Course | null = null;
  #untilAt = NEVER;
  #slowAt = NEVER;
  /** When a course waits to go on by itself, ms. */
  nextAt = NEVER;

  constructor(liftId: string) {
    this.#liftId = liftId;
  }

  /** None is under way, and the last ended a while ago. */
  freeAt(at: number): boolean {
    return this.#course === null && at - this.#endedAt >= REST_MS;
  }
  begin(course: Course, at: number): void {
    if (this.#course !== null) throw new Error(`lift ${this.#liftId} has a course under way`);
    this.#course = course;
    this.#resume(at);
  }
  /** Whether a slow course may begin: one at a time, and it may only wait for times. */
  get slowFree(): boolean {
    return this.#slow === null;
  }
  beginSlow(course: Course, at: number): void {
    if (this.#slow !== null) throw new Error(`lift ${this.#liftId} has a slow course under way`);
    this.#slow = course;
    this.#resumeSlow(at);
  }

  /** Does what is due at `nextAt`. */
  step(): void {
    const at = this.nextAt;
    if (at === this.#untilAt) this.#resume(at);
    else this.#resumeSlow(at);
  }
  /** True when the course waited for this point and went on. */
  reached(point: Point, at: number): boolean {
    const wait = this.#wait;
    if (wait === null || !("point" in wait) || wait.point !== point || !wait.when()) return false;
    this.#resume(at);
    return true;
  }
  happened(event: "stopped" | "door", at: number): void {
    if (this.#wait !== null && "event" in this.#wait && this.#wait.event === event) this.#resume(at);
  }

  #resume(at: number): void {
    const course = this.#course;
    if (course === null) return;
    this.#wait = null;
    this.#untilAt = NEVER;
    const step = course.next(at);
    if (step.done === true) {
      this.#course = null;
      this.#endedAt = at;
    } else {
      this.#wait = step.value;
      if ("until" in step.value) this.#untilAt = step.value.until;
    }
    this.nextAt = Math.min(this.#untilAt, this.#slowAt);
  }

  #resumeSlow(at: number): void {
    const course = this.#slow;
    if (course === null) return;
    this.#slowAt = NEVER;
    const step = course.next(at);
    if (step.done === true) this.#slow = null;
    else if ("until" in step.value) this.#slowAt = step.value.until;
    else throw new Error("a slow course may only wait for a time");
    this.nextAt = Math.min(this.#untilAt, this.#slowAt);
  }
}
