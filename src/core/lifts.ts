/** The lifts that the monitor knows: those of the register, and those that were heard without being in it. */
import { applicable, DETECTORS } from "./detectors/table.ts";
import { meaningOfCode } from "./dialects.ts";
import type { DayCount } from "./effects.ts";
import type { RegisterEntry } from "./entry.ts";
import { LiftState, restoreLift, saveLift, type SavedLift } from "./lift-state.ts";
import type { LiftRecord } from "./lift.ts";
import { isProbe } from "./probe.ts";
import { evidenceFor, reportedBits } from "./reported.ts";

export interface LiftsState {
  readonly register: readonly LiftRecord[];
  /** Parts of a register that was coming in. */
  readonly parts: readonly (readonly LiftRecord[])[];
  readonly lifts: readonly SavedLift[];
}

/** What runs are measured against. */
function machineOf({ ratedSpeedMps, travelM, topFloor }: LiftState): string {
  return `${ratedSpeedMps} ${travelM} ${topFloor}`;
}

export class Lifts {
  register: readonly LiftRecord[] = [];
  #parts: (readonly LiftRecord[])[] = [];
  #lifts = new Map<string, LiftState>();
  #sortedIds: readonly string[] | null = null;
  readonly #most: number;

  /** `most` bounds the lifts known at once; a registered lift is always taken. */
  constructor(register: readonly LiftRecord[], most: number) {
    this.#most = most;
    this.#set(register);
  }

  find(liftId: string): LiftState | undefined {
    return this.#lifts.get(liftId);
  }

  /** The lift of an id; one that nobody registered is taken, up to the bound; null beyond it. */
  findOrTake(liftId: string): LiftState | null {
    const known = this.#lifts.get(liftId);
    if (known !== undefined) return known;
    return this.#lifts.size >= this.#most ? null : this.#add(liftId, null);
  }

  all(): Iterable<LiftState> {
    return this.#lifts.values();
  }

  /** All but the probe. */
  *counted(): Generator<LiftState> {
    for (const lift of this.#lifts.values()) if (!isProbe(lift)) yield lift;
  }

  /** Those of all but the probe. */
  countsOf(days: readonly DayCount[]): DayCount[] {
    return days.filter(({ liftId }) => {
      const lift = this.#lifts.get(liftId);
      return lift === undefined || !isProbe(lift);
    });
  }

  /** Ascending. */
  ids(): readonly string[] {
    this.#sortedIds ??= Array.from(this.counted(), ({ liftId }) => liftId).sort();
    return this.#sortedIds;
  }

  /** Parts come in a row; the register takes effect, whole, with the last. Returns the lifts that it says are other machines now. */
  takePart(entry: RegisterEntry): readonly LiftState[] {
    if (entry.part === 0) this.#parts = [];
    this.#parts.push(entry.lifts);
    if (this.#parts.length < entry.parts) return [];
    const before = Array.from(this.#lifts.values(), (lift) => [lift, machineOf(lift)] as const);
    this.#set(this.#parts.flat());
    this.#parts = [];
    return before.flatMap(([lift, machine]) => (machineOf(lift) === machine ? [] : [lift]));
  }

  state(): LiftsState {
    return { register: this.register, parts: this.#parts, lifts: Array.from(this.#lifts.values(), saveLift) };
  }

  restore(state: LiftsState): void {
    this.register = state.register;
    this.#parts = [...state.parts];
    const records = new Map(state.register.map((record) => [record.liftId, record]));
    this.#lifts = new Map();
    for (const saved of state.lifts) restoreLift(this.#add(saved.liftId, records.get(saved.liftId) ?? null), saved);
    this.#sortedIds = null;
  }

  #set(register: readonly LiftRecord[]): void {
    const records = new Map(register.map((record) => [record.liftId, record]));
    for (const lift of this.#lifts.values()) {
      lift.enrol(records.get(lift.liftId) ?? null);
      lift.applies = applicable(lift);
      if (lift.faults.length === 0) continue;
      lift.faults = lift.faults.map((fault) => ({ ...fault, hazard: evidenceFor(lift, meaningOfCode(fault.dialect, fault.code)?.hazard) }));
      lift.reported = reportedBits(lift.faults);
    }
    for (const record of records.values()) if (!this.#lifts.has(record.liftId)) this.#add(record.liftId, record);
    this.register = register;
  }

  #add(liftId: string, record: LiftRecord | null): LiftState {
    const lift = new LiftState(liftId, this.#lifts.size, DETECTORS.length);
    lift.enrol(record);
    lift.applies = applicable(lift);
    this.#lifts.set(liftId, lift);
    this.#sortedIds = null;
    return lift;
  }
}

/** Who publishes for the lift. Only what a lift says now and then is looked at: comparing names on every reading would reach for far-away memory. */
export function noteGateway(lift: LiftState, source: string): void {
  const gateway = source === "" || source === lift.liftId ? null : source;
  if (lift.gateway !== gateway) lift.gateway = gateway;
}
