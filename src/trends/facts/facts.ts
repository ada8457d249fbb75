/**
 * What trends reckon with, in memory: exposure and faults of every lift by day, entrapments, stops and work. It is a view of the store
 * (whatever is written there comes here, too) and of the imported records in DATA/history, so both stores give the same figures.
 */
import type { Alert, DayCount, WorkRow } from "../../core/effects.ts";
import { dayNumber } from "../../core/calendar.ts";
import { DAY_CELLS } from "../../store/packed-days.ts";
import type { PackedDays } from "../../store/packed-days.ts";
import { FaultDays } from "./fault-days.ts";
import { entrapmentOf, outageOf } from "./happenings.ts";
import type { Entrapment, Outage } from "./happenings.ts";
import { LiftDays } from "./lift-days.ts";
import { Works } from "./works.ts";
import { ZoneDays } from "./zone-days.ts";

const HALF_DAY_MS = 43_200_000;
/** Of a packed row (src/store/packed-days.ts). */
const COLUMNS = { stride: DAY_CELLS, lift: 0, day: 1, inServiceMs: 2, trips: 5 } as const;

export class Facts {
  readonly zone: ZoneDays;
  readonly days = new LiftDays();
  readonly faults = new FaultDays();
  readonly recordedEntrapments: Entrapment[] = [];
  readonly recordedOutages: Outage[] = [];
  readonly works = new Works();
  readonly #liftIds: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #entrapments = new Map<string, Entrapment>();
  readonly #outages = new Map<string, Outage>();
  #version = 0;

  constructor(timezone: string) {
    this.zone = new ZoneDays(timezone);
  }

  /** Changes whenever something new is known. */
  get version(): number {
    return this.#version;
  }

  /** By number. */
  get liftIds(): readonly string[] {
    return this.#liftIds;
  }

  /** Of a lift that is new it gives the next. */
  numberOf(liftId: string): number {
    let number = this.#numbers.get(liftId);
    if (number === undefined) this.#numbers.set(liftId, (number = this.#liftIds.push(liftId) - 1));
    return number;
  }

  takeDays(counts: readonly DayCount[]): void {
    for (const { liftId, day, inServiceMs, stoppingFaults, trips } of counts)
      this.#takeDay(this.numberOf(liftId), dayNumber(day), inServiceMs, stoppingFaults, trips);
    this.#version++;
  }

  takePacked({ liftIds, cells, count }: Omit<PackedDays, "next">): void {
    const numbers = Int32Array.from(liftIds, (liftId) => this.numberOf(liftId));
    this.days.countAll(cells, COLUMNS, count, numbers);
    for (let row = 0, cell = 0; row < count; row++, cell += DAY_CELLS)
      this.#takeFaults(numbers[cells[cell] as number] as number, cells[cell + 1] as number, cells[cell + 3] as number);
    this.#version++;
  }

  /** The newest state of an alert. */
  takeAlert(alert: Alert): void {
    const lift = this.numberOf(alert.liftId);
    put(this.#entrapments, alert.id, entrapmentOf(alert, lift));
    put(this.#outages, alert.id, outageOf(alert, lift));
    this.#version++;
  }

  takeWorks(works: readonly WorkRow[]): void {
    for (const { liftId, at, work, note } of works) this.works.add(this.numberOf(liftId), { at, until: null, work, note });
    this.#version++;
  }

  /** What is known from alerts, by their ids. */
  get ofAlerts(): { readonly entrapments: ReadonlyMap<string, Entrapment>; readonly outages: ReadonlyMap<string, Outage> } {
    return { entrapments: this.#entrapments, outages: this.#outages };
  }

  restoreAlerts(entrapments: Iterable<readonly [string, Entrapment]>, outages: Iterable<readonly [string, Outage]>): void {
    for (const [id, entrapment] of entrapments) this.#entrapments.set(id, entrapment);
    for (const [id, outage] of outages) this.#outages.set(id, outage);
    this.#version++;
  }

  /** A count of faults again, as `takeDays` takes it. */
  restoreFaults(lift: number, day: number, faults: number): void {
    this.#takeFaults(lift, day, faults);
  }

  /** Told after records were added to the parts of this. */
  recorded(): void {
    this.#version++;
  }

  /** In no order; of records, those of days that the program has not counted itself. */
  *entrapments(): Generator<Entrapment> {
    yield* this.#entrapments.values();
    for (const entrapment of this.recordedEntrapments)
      if (!this.days.counted(entrapment.lift, this.zone.dayOf(entrapment.at))) yield entrapment;
  }

  *outages(): Generator<Outage> {
    yield* this.#outages.values();
    for (const outage of this.recordedOutages) if (!this.days.counted(outage.lift, this.zone.dayOf(outage.from))) yield outage;
  }

  #takeDay(lift: number, day: number, inServiceMs: number, stoppingFaults: number, trips: number): void {
    this.days.count(lift, day, inServiceMs, trips);
    this.#takeFaults(lift, day, stoppingFaults);
  }

  #takeFaults(lift: number, day: number, stoppingFaults: number): void {
    // Most days have none, and had none.
    this.faults.count(lift, day, stoppingFaults, stoppingFaults === 0 ? 0 : this.zone.begin(day) + HALF_DAY_MS);
  }
}

function put<T>(map: Map<string, T>, id: string, value: T | null): void {
  if (value === null) map.delete(id);
  else map.set(id, value);
}
