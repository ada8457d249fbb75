/**
 * The device on the lift: turns what the controller sees into contract readings. It reports by exception, samples the speed
 * once a second while the car moves (or always), and sends a status at least once a keep-alive. What it cannot sense it leaves out.
 */
import { rawCode } from "../../src/core/dialects.ts";
import type { Channel, DoorState } from "../../src/core/reading.ts";
import { blankSensed } from "../lift/machine.ts";
import type { Machine, Observer } from "../lift/machine.ts";
import { DOOR_ZONE_M } from "../lift/spec.ts";
import type { Random } from "../random.ts";
import { ascii } from "./bytes.ts";
import type { Bytes } from "./bytes.ts";
import { Clock } from "./clock.ts";
import type { DeviceKind } from "./kind.ts";
import type { LinkOutages } from "./link-outages.ts";
import type { Sink } from "./sink.ts";

/** Contract §2: the default keep-alive. A status goes out 5 s before it is due, so that transport cannot make it late (assumption). */
const KEEP_ALIVE_S = 60;
const STATUS_EVERY_MS = 55_000;
/** Of a device that reports each second. */
const SECOND_MS = 1_000;
const NEVER = Number.POSITIVE_INFINITY;
const FIRMWARE = "sim-1";

const AT = ascii('{"at":');
const SEQ = ascii(',"seq":');
const BOOT = ascii(',"boot":"');
const STATE = ascii('","state":"');
const SPEED = ascii('","speedMps":');
const FLOOR = ascii(',"floor":');
const FLOOR_FIRST = ascii('","floor":');
const POSITION = ascii(',"positionM":');
const ZONE = ascii(',"doorZone":');
const HANDRAIL = ascii(',"handrailMps":');
const LEVEL = ascii(',"levelOffsetMm":');
const MODE = ascii(',"mode":"');
const MODE_FIRST = ascii('","mode":"');
const POWERED = ascii('","powered":');
const PERSONS = ascii(',"persons":');
const LOAD = ascii(',"loadKg":');
const TRIPS = ascii(',"tripCount":');
const NULL = ascii("null");
const END = ascii("}");
const STRING_END = ascii('"}');

/** Told when a breach of a device's link begins, and when the device was last heard before; what it gives back is told the end. */
export type Unheard = (from: number, heardAt: number) => (to: number) => void;

export interface DeviceOptions {
  /** Place of the lift in the fleet. */
  readonly index: number;
  readonly random: Random;
  readonly sink: Sink;
  /** When it is switched on, ms. The random boot names depend on it, so that two live runs never share one. */
  readonly startAt: number;
  readonly kind: DeviceKind;
  /** When its way to the broker is broken; null for never. */
  readonly outages: LinkOutages | null;
  readonly unheard: Unheard;
}

export class Device implements Observer {
  readonly #index: number;
  readonly #random: Random;
  readonly #sink: Sink;
  readonly #kind: DeviceKind;
  readonly #clock: Clock;
  readonly #outages: LinkOutages | null;
  readonly #unheard: Unheard;
  #machine: Machine | null = null;
  readonly #sensed = blankSensed();
  #boots = 0;
  #boot = "";
  #seq = 0;
  #connections = 0;
  #lastAt = 0;
  /** Of the newest reading that found a link. */
  #heardAt = 0;
  #doorSaid: DoorState | null = null;
  #on = false;
  /** Reasons for which its link is down: a course, an outage. */
  #breaches = 0;
  #heardAgain: ((to: number) => void) | null = null;
  #startAt: number;
  #statusAt = NEVER;
  #sampleAt = NEVER;
  #outageAt: number;
  nextAt: number;

  constructor(options: DeviceOptions) {
    this.#index = options.index;
    this.#random = options.random.split("device", options.startAt);
    this.#sink = options.sink;
    this.#kind = options.kind;
    this.#clock = new Clock(options.kind.clock, options.random.split("clock"), options.startAt);
    this.#outages = options.outages;
    this.#unheard = options.unheard;
    this.#startAt = options.startAt;
    this.#outageAt = options.outages?.nextAt ?? NEVER;
    this.nextAt = Math.min(this.#startAt, this.#outageAt);
  }

  attach(machine: Machine): void {
    this.#machine = machine;
  }

  /** Does what is due at `nextAt`. */
  step(): void {
    const at = this.nextAt;
    if (at === this.#startAt) this.powerOn(at);
    else if (at === this.#outageAt) this.#outage(at);
    else if (at === this.#sampleAt) {
      this.#speed(at);
      this.#sampleAt = at + this.#sampleEveryMs;
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
    this.#doorSaid = null;
    if (this.#breaches === 0) this.#sink.connect(this.#index, at, this.will(at));
    else this.#sink.drop(this.#index, at, "link");
    this.announce(at);
    this.#door(at);
    this.#speed(at);
    this.#status(at);
    this.#sampleAt = this.#eachSecond || this.#machine?.moving === true ? at + this.#sampleEveryMs : NEVER;
    // Spread over the period, so that a fleet that starts together does not report together ever after.
    this.#statusAt = at + this.#random.integer(1_000, STATUS_EVERY_MS);
    this.#reschedule();
  }
  /** The device itself dies: nothing is kept. */
  powerOff(at: number): void {
    this.#on = false;
    this.#statusAt = NEVER;
    this.#sampleAt = NEVER;
    this.#sink.drop(this.#index, at, "device");
    this.#reschedule();
  }
  /** The network goes away: the device works on and keeps its readings. */
  linkDown(at: number): void {
    this.#breach(at, "link");
  }
  linkUp(at: number): void {
    this.#mend(at);
  }
  /** When it was last heard, ms of simulated time: its silence begins there, however much later its link is lost. */
  get heardAt(): number {
    return this.#heardAt;
  }
  /** Steps its clock by `byMs`: to or away from the right time. */
  stepClock(byMs: number): void {
    this.#clock.step(byMs);
  }
  /** Whether its dialect has a word for a canonical code. */
  canReport(code: string): boolean {
    return rawCode(this.#kind.dialect, code) !== null;
  }

  /**
   * Payload of the will for a connection begun at `at`. It has a boot of its own, numbered by connections: the broker sends it
   * at a moment that the device cannot know, so it must not stand in the device's own sequence.
   */
  will(at: number): string {
    this.#connections++;
    return `{"at":${this.#clock.read(at)},"seq":${this.#connections},"boot":"${this.#boot}-will","online":false}`;
  }
  /** Says that the device is there; after a reconnect that the model did not plan, `at` may lag behind what was sent. */
  announce(at: number): void {
    const line = this.#begin(Math.max(at, this.#lastAt), "online");
    if (line === null) return;
    line.text(`","online":true,"keepAliveS":${KEEP_ALIVE_S},"firmware":"${FIRMWARE}"}`);
    this.#sink.end();
  }

  doorChanged(at: number): void {
    if (this.#doorWord() === this.#doorSaid) return;
    // With the car under way the door's word is worth little without its speed at that moment.
    if (this.#machine?.moving === true && !this.#eachSecond) this.#speed(at);
    this.#door(at);
  }
  started(at: number): void {
    if (!this.#on || this.#eachSecond) return;
    this.#sampleAt = at + this.#sampleEveryMs;
    this.#reschedule();
  }
  stopped(at: number): void {
    if (this.#eachSecond) return;
    this.#sampleAt = NEVER;
    this.#speed(at);
    this.#reschedule();
  }
  levelChanged(at: number): void {
    if (this.#eachSecond) return;
    this.#speed(at);
    if (this.#machine?.moving === true && this.#on) this.#sampleAt = at + this.#sampleEveryMs;
    this.#reschedule();
  }
  statusChanged(at: number): void {
    this.#status(at);
    this.#reschedule();
  }
  /** A code that its dialect has no word for is not said. */
  faultChanged(at: number, code: string, active: boolean): void {
    const { dialect } = this.#kind;
    const raw = rawCode(dialect, code);
    const line = raw === null ? null : this.#begin(at, "fault");
    if (line === null) return;
    line.text(`","code":"${raw}",${dialect === "gb24476" ? "" : `"dialect":"${dialect}",`}"active":${active}}`);
    this.#sink.end();
  }

  #outage(at: number): void {
    const outages = this.#outages;
    if (outages === null) return;
    if (outages.next()) {
      this.#heardAgain = this.#unheard(at, this.#heardAt);
      this.#breach(at, outages.loss);
    } else {
      this.#heardAgain?.(at);
      this.#mend(at);
    }
    this.#outageAt = outages.nextAt;
  }

  #breach(at: number, loss: "link" | "gateway"): void {
    if (this.#breaches++ === 0 && this.#on) this.#sink.drop(this.#index, at, loss);
  }

  #mend(at: number): void {
    if (--this.#breaches > 0 || !this.#on) return;
    this.#sink.connect(this.#index, at, this.will(at));
    this.announce(at);
  }

  get #eachSecond(): boolean {
    return this.#kind.report === "second";
  }
  get #sampleEveryMs(): number {
    return this.#eachSecond ? SECOND_MS : (this.#machine?.sampleEveryMs ?? NEVER);
  }

  /** What it would say of the door; null without one. */
  #doorWord(): DoorState | null {
    const state = this.#machine?.doorState ?? null;
    return this.#kind.binaryDoor && state !== null && state !== "closed" ? "open" : state;
  }

  #door(at: number): void {
    const word = this.#doorWord();
    const line = word === null ? null : this.#begin(at, "door");
    if (line === null || word === null) return;
    this.#doorSaid = word;
    line.bytes(STATE);
    line.text(word);
    line.bytes(STRING_END);
    this.#sink.end();
  }

  #speed(at: number): void {
    const machine = this.#machine;
    const line = machine === null ? null : this.#begin(at, "speed");
    if (machine === null || line === null) return;
    const sensed = this.#sensed;
    machine.sense(at, sensed);
    line.bytes(SPEED);
    line.decimal(Math.round(sensed.speedMps * 1_000), 3);
    if (machine.kind === "escalator") {
      line.bytes(HANDRAIL);
      line.decimal(Math.round(sensed.handrailMps * 1_000), 3);
    } else {
      const { position, doorZone } = this.#kind;
      line.bytes(FLOOR);
      line.integer(sensed.floor);
      if (position) {
        line.bytes(POSITION);
        line.decimal(Math.round(sensed.positionM * 1_000), 3);
      }
      if (doorZone) zone(line, sensed.offsetM);
      if (position && !machine.moving) {
        line.bytes(LEVEL);
        line.decimal(Math.round(sensed.offsetM * 10_000), 1);
      }
    }
    line.bytes(END);
    this.#sink.end();
  }

  #status(at: number): void {
    const machine = this.#machine;
    const line = machine === null ? null : this.#begin(at, "status");
    if (machine === null || line === null) return;
    const { doorZone, persons } = this.#kind;
    this.#statusAt = at + STATUS_EVERY_MS;
    if (machine.kind === "escalator") line.bytes(MODE_FIRST);
    else {
      const sensed = this.#sensed;
      machine.sense(at, sensed);
      line.bytes(FLOOR_FIRST);
      line.integer(sensed.floor);
      if (doorZone) zone(line, sensed.offsetM);
      line.bytes(MODE);
    }
    line.text(machine.mode);
    line.bytes(POWERED);
    line.boolean(machine.powered);
    if (persons !== "none") {
      const { sensedPersons, sensedLoadKg } = machine;
      line.bytes(PERSONS);
      if (persons === "load" || sensedPersons === null) line.bytes(NULL);
      else line.integer(sensedPersons);
      if (sensedLoadKg !== null && machine.kind === "lift") {
        line.bytes(LOAD);
        line.decimal(Math.round(sensedLoadKg * 10), 1);
      }
    }
    if (machine.kind === "lift") {
      line.bytes(TRIPS);
      line.integer(machine.tripCount);
    }
    line.bytes(END);
    this.#sink.end();
  }

  /** Begins a reading; its fields follow, the first with the quote that ends the boot's name. Null while it is off. */
  #begin(at: number, channel: Channel): Bytes | null {
    if (!this.#on) return null;
    this.#lastAt = at;
    if (this.#breaches === 0) this.#heardAt = at;
    const line = this.#sink.begin(this.#index, at, channel);
    line.bytes(AT);
    line.integer(this.#clock.read(at));
    line.bytes(SEQ);
    line.integer(this.#seq++);
    line.bytes(BOOT);
    line.text(this.#boot);
    return line;
  }

  #reschedule(): void {
    this.nextAt = Math.min(this.#startAt, this.#statusAt, this.#sampleAt, this.#outageAt);
  }
}

function zone(line: Bytes, offsetM: number): void {
  line.bytes(ZONE);
  line.boolean(Math.abs(offsetM) <= DOOR_ZONE_M);
}
