/** Keeps facts: reads them at a start from the store and the imported records, in the background, and takes what is written from then on. */
import { setImmediate as turn } from "node:timers/promises";
import { LIMITS } from "../../config.ts";
import type { LiftRecord } from "../../core/lift.ts";
import { OperationalError } from "../../errors.ts";
import type { HistoryEvent } from "../../history/event.ts";
import type { Alert, WorkRow } from "../../core/effects.ts";
import type { PackedReadings } from "../../store/packing.ts";
import type { StoreReader } from "../../store/reader.ts";
import { Facts } from "./facts.ts";
import { dayName } from "../../core/calendar.ts";
import { dropCopies, readCopy, writeCopy, type Copied } from "./copy.ts";
import { COUNTED_HAZARDS } from "./happenings.ts";
import { monthBegin, nextMonth } from "./months.ts";
import { takeRecords } from "./records.ts";

/** A copy of the facts on the disk (copy.ts). */
export interface FactsCopy {
  readonly directory: string;
  /** Days of lifts below which none is kept. */
  readonly least: number;
  /** Marks the store as `to` where it is still marked as `from`. */
  readonly remark: (from: string, to: string) => Promise<boolean>;
}

export interface FactsOptions {
  readonly store: Pick<StoreReader, "packedDays" | "alerts" | "changesAfter" | "works" | "mark">;
  readonly copy?: FactsCopy | undefined;
  /** Imported events. */
  readonly history: () => Promise<Iterable<HistoryEvent>>;
  readonly register: () => readonly LiftRecord[];
  readonly timezone: string;
  /** What else is done with facts in the background, as soon as they answer questions. */
  readonly prepare?: (facts: Facts, register: readonly LiftRecord[]) => Promise<void>;
  /** Told why facts could not be read; the next question tries again. */
  readonly log: (line: string) => void;
}

/** What the store has taken: day counts as `packDays` makes them, the newest states of alerts with COUNTED_HAZARDS, and work orders. */
export interface Taken {
  readonly days: PackedReadings | null;
  readonly alerts: readonly Alert[];
  readonly works: readonly WorkRow[];
  /** Number of the newest change among those that the alerts are of; 0 where there is none. */
  readonly lastChange: number;
}

export interface OpenFacts {
  /**
   * The facts as they are now.
   * @throws OperationalError `facts-loading` where they are still being read after LIMITS.trends.waitMs; or what the store throws.
   */
  current(): Promise<Facts>;
  /** What the store has taken. */
  take(taken: Taken): void;
  /** Reads everything anew: records were imported. Resolves when the new facts are in use. */
  reload(): Promise<Facts>;
  close(): void;
}

/** Begins to read at once. */
export function openFacts(options: FactsOptions): OpenFacts {
  let facts: Facts | null = null;
  let readOf: readonly LiftRecord[] = [];
  let loading: Promise<Facts> | null = null;
  let closed = false;
  /** Batches that came while the facts were being read: what they replace may be read after them. */
  let meanwhile: Taken[] = [];
  let rowsMeanwhile = 0;
  let missed = false;
  /** What the store was when the facts were read, how far the copy goes, and the newest change that the facts have. */
  let known: { mark: string | null; copiedTo: number; lastChange: number } = { mark: null, copiedTo: -Infinity, lastChange: 0 };
  let copying = false;

  async function load(): Promise<Facts> {
    for (;;) {
      [meanwhile, rowsMeanwhile, missed] = [[], 0, false];
      const register = options.register();
      const { facts: fresh, mark, copied, lastChange } = await readAll(options, register, () => closed);
      if (missed || (register.length === 0 && options.register().length > 0)) continue;
      known = { mark, copiedTo: copied?.lastDay ?? -Infinity, lastChange };
      for (const taken of meanwhile) {
        apply(fresh, taken);
        known.lastChange = Math.max(known.lastChange, taken.lastChange);
      }
      meanwhile = [];
      readOf = register;
      facts = fresh;
      keepCopy(fresh);
      options.prepare?.(fresh, register).catch((error: unknown) => {
        if (!closed)
          options.log(`trends: sums by day could not be made beforehand (${(error as Error).message}); questions make their own`);
      });
      return fresh;
    }
  }

  /** Once a day, in the background. What goes wrong costs the next start its time, and nothing else. */
  function keepCopy(current: Facts): void {
    const { copy } = options;
    const last = current.days.lastCounted();
    if (copy === undefined || copying || known.mark === null || last === null || last <= known.copiedTo) return;
    if (current.liftIds.length * (last - current.days.range!.first + 1) < copy.least) return;
    const { mark: from, lastChange } = known;
    copying = true;
    known.copiedTo = last;
    replaceCopy(copy, current, from, lastChange)
      .catch((error: unknown) => {
        if (!closed)
          options.log(`trends: their facts could not be copied (${(error as Error).message}); the next day they are tried again`);
      })
      .finally(() => {
        copying = false;
      });
  }

  async function replaceCopy({ directory, remark }: FactsCopy, current: Facts, from: string, lastChange: number): Promise<void> {
    const to = await writeCopy(directory, current, lastChange);
    if (to === null) {
      options.log("trends: their facts are too many for a copy; each start reads them from the store");
      return;
    }
    const done = await remark(from, to);
    if (done && known.mark === from) known.mark = to;
    await dropCopies(directory, done ? to : from);
  }

  function reload(): Promise<Facts> {
    loading ??= load().finally(() => {
      loading = null;
    });
    return loading;
  }

  function tell(error: unknown): void {
    if (!closed) options.log(`trends: their facts could not be read (${(error as Error).message}); the next question tries again`);
  }

  reload().catch(tell);
  return {
    async current() {
      // Another register is another population of records for all lifts: those of before answer until it is read. Of no lifts at all, as
      // before the first register, they would be no answer.
      const register = options.register();
      if (facts !== null && readOf !== register && loading === null) reload().catch(tell);
      if (facts !== null && (readOf.length > 0 || register.length === 0)) return facts;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () =>
            reject(new OperationalError("facts-loading", "the facts that trends reckon with are still being read; try again in a while")),
          LIMITS.trends.waitMs,
        );
      });
      try {
        return await Promise.race([reload(), late]);
      } finally {
        clearTimeout(timer);
      }
    },
    take(taken) {
      if (facts !== null) {
        apply(facts, taken);
        known.lastChange = Math.max(known.lastChange, taken.lastChange);
        if (taken.days !== null) keepCopy(facts);
      }
      if (loading === null || missed) return;
      meanwhile.push(taken);
      rowsMeanwhile += (taken.days?.count ?? 0) + taken.alerts.length + taken.works.length;
      if (rowsMeanwhile <= LIMITS.trends.loadRows) return;
      missed = true;
      meanwhile = [];
    },
    async reload() {
      // What is being read may have begun before the records were there.
      await loading?.catch(() => undefined);
      return reload();
    },
    close() {
      closed = true;
    },
  };
}

interface Read {
  readonly facts: Facts;
  /** Of the store, before anything was read. */
  readonly mark: string | null;
  readonly lastChange: number;
  readonly copied: Copied | null;
}

function apply(facts: Facts, { days, alerts, works }: Taken): void {
  if (days !== null) facts.takePacked({ liftIds: days.strings, count: days.count, cells: days.cells });
  for (const alert of alerts) facts.takeAlert(alert);
  if (works.length > 0) facts.takeWorks(works);
}

/** Everything that the store and the records have. */
export async function readFacts(options: Omit<FactsOptions, "log" | "register" | "copy">, register: readonly LiftRecord[]): Promise<Facts> {
  return (await readAll({ ...options, log: () => undefined }, register, () => false)).facts;
}

async function readAll(
  { store, history, timezone, copy, log }: Omit<FactsOptions, "register">,
  register: readonly LiftRecord[],
  stopped: () => boolean,
): Promise<Read> {
  // Before anything is read: what comes later is read as well, or told.
  const { mark, lastChange } = await store.mark();
  let { facts, copied } = emptyFacts(timezone, register);
  if (copy !== undefined && mark !== null) {
    try {
      copied = await readCopy(copy.directory, mark, facts);
    } catch (error) {
      log(
        `trends: the copy of their facts in ${copy.directory} cannot be used (${(error as Error).message}); they are read from the store`,
      );
      ({ facts, copied } = emptyFacts(timezone, register));
    }
  }
  const again = copied === null ? null : dayName(copied.lastDay - LIMITS.trends.copyAgainDays);
  await readDays(facts, store, register.length, again, stopped);
  if (copied === null) await readAlerts(facts, store, stopped);
  else await readChanges(facts, store, copied.lastChange, stopped);
  // Records first: of work that both tell of, they say when it was done.
  await takeRecords(facts, await history(), register);
  await readWorks(facts, store, stopped);
  await addUpMonths(facts);
  return { facts, mark, lastChange, copied };
}

function emptyFacts(timezone: string, register: readonly LiftRecord[]): { facts: Facts; copied: Copied | null } {
  const facts = new Facts(timezone);
  for (const { liftId } of register) facts.numberOf(liftId);
  facts.days.reserve(register.length);
  return { facts, copied: null };
}

/** From a day on, or all. */
async function readDays(
  facts: Facts,
  store: FactsOptions["store"],
  lifts: number,
  from: string | null,
  stopped: () => boolean,
): Promise<void> {
  const days = Math.min(LIMITS.trends.loadDays, Math.max(1, Math.floor(LIMITS.trends.loadRows / Math.max(1, lifts))));
  let part = await store.packedDays({ from, days });
  for (;;) {
    // The store reads the next days while these are taken.
    const following = part.next === null ? null : store.packedDays({ from: part.next, days });
    following?.catch(() => undefined);
    facts.takePacked(part);
    await turn();
    if (stopped()) throw new OperationalError("store-closed", "the program stops");
    if (following === null) break;
    part = await following;
  }
}

async function readAlerts(facts: Facts, store: FactsOptions["store"], stopped: () => boolean): Promise<void> {
  for (const hazard of COUNTED_HAZARDS) {
    let after: string | undefined;
    do {
      const page = await store.alerts({ hazard, limit: LIMITS.trends.loadAlerts, after });
      for (const alert of page.rows) facts.takeAlert(alert);
      after = page.next ?? undefined;
      await turn();
    } while (after !== undefined && !stopped());
  }
}

/** Work orders are few beside day counts, and in no copy. */
async function readWorks(facts: Facts, store: FactsOptions["store"], stopped: () => boolean): Promise<void> {
  let after: string | undefined;
  do {
    const page = await store.works({ limit: LIMITS.store.worksPage, after });
    facts.takeWorks(page.rows);
    after = page.next ?? undefined;
    await turn();
  } while (after !== undefined && !stopped());
}

/** What became of alerts after a change. */
async function readChanges(facts: Facts, store: FactsOptions["store"], last: number, stopped: () => boolean): Promise<void> {
  for (let after = last; !stopped();) {
    const changes = await store.changesAfter(after, LIMITS.trends.loadAlerts);
    for (const { alert } of changes) if (COUNTED_HAZARDS.includes(alert.hazard)) facts.takeAlert(alert);
    const newest = changes.at(-1);
    if (newest === undefined) return;
    after = newest.n;
    await turn();
  }
}

/** Whole months, so that no question is the first to need their sums. */
async function addUpMonths({ days, faults }: Facts): Promise<void> {
  const { range } = days;
  if (range === null) return;
  for (let first = monthBegin(range.first); first <= range.last;) {
    const next = nextMonth(first);
    days.monthOf(first);
    faults.listOf({ first, last: next - 1 });
    first = next;
    await turn();
  }
}
