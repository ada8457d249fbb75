/**
 * The device on the lift: turns what the controller sees into contract readings. It reports by exception, samples the speed
 * once a second while the car moves, and sends a status at least once a keep-alive.
 */
import type { Channel } from "../../src/core/reading.ts";
import { blankSensed } from "../lift/machine.ts";
import type { Machine, Observer } from "../lift/machine.ts";
import type { Random } from "../random.ts";
import { DOOR_ZONE_M } from "../lift/spec.ts";

/** Where a device's acts go. Times are ms; payloads are the JSON of one reading, ASCII. */
export interface Sink {
  /** The link comes up: readings can leave. `will` is published by the broker, retained, when the link is lost. */
  connect(lift: number, at: number, will: string): void;
  /** The link is lost at once, without a goodbye. With `forget` the readings that have not left are gone with it. */
  drop(lift: number, at: number, forget: boolean): void;
  publish(lift: number, at: number, channel: Channel, payload: string): void;
}

/** Contract §2: the default keep-alive. A status goes out 5 s before it is due, so that transport cannot make it late (assumption). */
const KEEP_ALIVE_S = 60;
const STATUS_EVERY_MS = 55_000;
const NEVER = Number.POSITIVE_INFINITY;
const FIRMWARE = "sim-1";

export class Device implements Observer {
  readonly #index: number;
  readonly #random: Random;
  readonly #sink: Sink;
  #machine: Machine | null = null;
  readonly #sensed = blankSensed();
  #boots = 0;
  #boot = "";
  #seq = 0;
  #connections = 0;
  #lastAt = 0;
  #on = false;
  #startAt: number;
  #statusAt = NEVER;
  #sampleAt = NEVER;
  nextAt: number;

  /** @param startAt when it is switched on, ms. The random boot names depend on it, so that two live runs never share one. */
  constructor(index: number, random: Random, sink: Sink, startAt: number) {
    this.#index = index;
    this.#random = random.split("device", startAt);
    this.#sink = sink;
    this.#startAt = startAt;
    this.nextAt = startAt;
  }

  attach(machine: Machine): void {
    this.#machine = machine;
  }

  /** Does what is due at `nextAt`. */
  step(): void {
    const at = this.nextAt;
    if (at === this.#startAt) this.powerOn(at);
    else if (at === this.#sampleAt) {
      this.#speed(at);
      this.#sampleAt = at + (this.#machine?.sampleEveryMs ?? NEVER);
    } else this.#status(at);
    this.#reschedule();
  }

  /** Starts anew: a new boot, whose sequence begins at 0, and a full report. */
  powerOn(at: number): void {
    this.#startAt = NEVER;
    this.#on = true;
    this.#boots++;
    this.#boot = this.#random.split(this.#boots).bits().toString(16).padStart(8, "0");
    this.#seq = 0;
    this.linkUp(at);
    this.#door(at);
    this.#speed(at);
    this.#status(at);
    this.#sampleAt = this.#machine?.moving === true ? at + this.#machine.sampleEveryMs : NEVER;
    // Spread over the period, so that a fleet that starts together does not report together ever after.
    this.#statusAt = at + this.#random.integer(1_000, STATUS_EVERY_MS);
    this.#reschedule();
  }
  /** The device itself dies: nothing is kept. */
  powerOff(at: number): void {
    this.#on = false;
    this.#statusAt = NEVER;
    this.#sampleAt = NEVER;
    this.#sink.drop(this.#index, at, true);
    this.#reschedule();
  }
  /** The network goes away: the device works on and keeps its readings. */
  linkDown(at: number): void {
    this.#sink.drop(this.#index, at, false);
  }
  linkUp(at: number): void {
    this.#sink.connect(this.#index, at, this.will(at));
    this.announce(at);
  }

  /**
   * Payload of the will for a connection begun at `at`. It has a boot of its own, numbered by connections: the broker sends it
   * at a moment that the device cannot know, so it must not stand in the device's own sequence.
   */
  will(at: number): string {
    this.#connections++;
    return `{"at":${at},"seq":${this.#connections},"boot":"${this.#boot}-will","online":false}`;
  }
  /** Says that the device is there; after a reconnect that the model did not plan, `at` may lag behind what was sent. */
  announce(at: number): void {
    this.#send(Math.max(at, this.#lastAt), "online", `"online":true,"keepAliveS":${KEEP_ALIVE_S},"firmware":"${FIRMWARE}"`);
  }

  doorChanged(at: number): void {
    // With the car under way the door's word is worth little without its speed at that moment.
    if (this.#machine?.moving === true) this.#speed(at);
    this.#door(at);
  }
  started(at: number): void {
    if (this.#on) this.#sampleAt = at + (this.#machine?.sampleEveryMs ?? NEVER);
    this.#reschedule();
  }
  stopped(at: number): void {
    this.#sampleAt = NEVER;
    this.#speed(at);
    this.#reschedule();
  }
  levelChanged(at: number): void {
    this.#speed(at);
    if (this.#machine?.moving === true && this.#on) this.#sampleAt = at + this.#machine.sampleEveryMs;
    this.#reschedule();
  }
  statusChanged(at: number): void {
    this.#status(at);
    this.#reschedule();
  }
  faultChanged(at: number, code: string, active: boolean): void {
    this.#send(at, "fault", `"code":"${code}","active":${active}`);
  }

  #door(at: number): void {
    const state = this.#machine?.doorState ?? null;
    if (state !== null) this.#send(at, "door", `"state":"${state}"`);
  }

  #speed(at: number): void {
    const machine = this.#machine;
    if (machine === null || !this.#on) return;
    const sensed = this.#sensed;
    machine.sense(at, sensed);
    const { floor, offsetM } = sensed;
    const speed = Math.round(sensed.speedMps * 1_000) / 1_000;
    if (machine.kind === "escalator") {
      this.#send(at, "speed", `"speedMps":${speed},"handrailMps":${Math.round(sensed.handrailMps * 1_000) / 1_000}`);
      return;
    }
    const level = machine.moving ? "" : `,"levelOffsetMm":${Math.round(offsetM * 10_000) / 10}`;
    const zone = Math.abs(offsetM) <= DOOR_ZONE_M;
    const positionM = Math.round(sensed.positionM * 1_000) / 1_000;
    this.#send(at, "speed", `"speedMps":${speed},"floor":${floor},"positionM":${positionM},"doorZone":${zone}${level}`);
  }

  #status(at: number): void {
    const machine = this.#machine;
    if (machine === null || !this.#on) return;
    this.#statusAt = at + STATUS_EVERY_MS;
    const { mode, powered, sensedPersons, sensedLoadKg, tripCount } = machine;
    if (machine.kind === "escalator") {
      this.#send(at, "status", `"mode":"${mode}","powered":${powered},"persons":${sensedPersons}`);
      return;
    }
    const sensed = this.#sensed;
    machine.sense(at, sensed);
    const zone = Math.abs(sensed.offsetM) <= DOOR_ZONE_M;
    const load = sensedLoadKg === null ? "" : `,"loadKg":${sensedLoadKg}`;
    this.#send(
      at,
      "status",
      `"floor":${sensed.floor},"doorZone":${zone},"mode":"${mode}","powered":${powered},"persons":${sensedPersons}${load},"tripCount":${tripCount}`,
    );
  }

  #send(at: number, channel: Channel, fields: string): void {
    if (!this.#on) return;
    this.#lastAt = at;
    this.#sink.publish(this.#index, at, channel, `{"at":${at},"seq":${this.#seq++},"boot":"${this.#boot}",${fields}}`);
  }

  #reschedule(): void {
    this.nextAt = Math.min(this.#startAt, this.#statusAt, this.#sampleAt);
  }
}
