/** Keeps facts: reads them at a start from the store and the imported records, in the background, and takes what is written from then on. */
import { setImmediate as turn } from "node:timers/promises";
import { LIMITS } from "../../config.ts";
import type { LiftRecord } from "../../core/lift.ts";
import { OperationalError } from "../../errors.ts";
import type { HistoryEvent } from "../../history/event.ts";
import type { Alert } from "../../core/effects.ts";
import type { PackedReadings } from "../../store/packing.ts";
import type { Store } from "../../store/store.ts";
import { Facts } from "./facts.ts";
import { COUNTED_HAZARDS } from "./happenings.ts";
import { monthBegin } from "./month-cache.ts";
import { takeRecords } from "./records.ts";

export interface FactsOptions {
  readonly store: Pick<Store, "packedDays" | "alerts">;
  /** Imported events. */
  readonly history: () => Promise<Iterable<HistoryEvent>>;
  readonly register: () => readonly LiftRecord[];
  readonly timezone: string;
  /** Told why facts could not be read; the next question tries again. */
  readonly log: (line: string) => void;
}

/** What the store has taken: day counts as `packDays` makes them, and the newest states of alerts with COUNTED_HAZARDS. */
export interface Taken {
  readonly days: PackedReadings | null;
  readonly alerts: readonly Alert[];
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

  async function load(): Promise<Facts> {
    for (;;) {
      [meanwhile, rowsMeanwhile, missed] = [[], 0, false];
      const register = options.register();
      const fresh = await readFacts(options, register, () => closed);
      if (missed || (register.length === 0 && options.register().length > 0)) continue;
      for (const taken of meanwhile) apply(fresh, taken);
      meanwhile = [];
      readOf = register;
      facts = fresh;
      return fresh;
    }
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
      if (facts !== null) apply(facts, taken);
      if (loading === null || missed) return;
      meanwhile.push(taken);
      rowsMeanwhile += (taken.days?.count ?? 0) + taken.alerts.length;
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

function apply(facts: Facts, { days, alerts }: Taken): void {
  if (days !== null) facts.takePacked({ liftIds: days.strings, count: days.count, cells: days.cells });
  for (const alert of alerts) facts.takeAlert(alert);
}

/** Everything that the store and the records have. */
export async function readFacts(
  { store, history, timezone }: Omit<FactsOptions, "log" | "register">,
  register: readonly LiftRecord[],
  stopped: () => boolean = () => false,
): Promise<Facts> {
  const facts = new Facts(timezone);
  for (const { liftId } of register) facts.numberOf(liftId);
  facts.days.reserve(register.length);
  const days = Math.min(LIMITS.trends.loadDays, Math.max(1, Math.floor(LIMITS.trends.loadRows / Math.max(1, register.length))));
  let part = await store.packedDays({ from: null, days });
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
  for (const hazard of COUNTED_HAZARDS) {
    let after: string | undefined;
    do {
      const page = await store.alerts({ hazard, limit: LIMITS.trends.loadAlerts, after });
      for (const alert of page.rows) facts.takeAlert(alert);
      after = page.next ?? undefined;
      await turn();
    } while (after !== undefined && !stopped());
  }
  await takeRecords(facts, await history(), register);
  await addUpMonths(facts);
  return facts;
}

/** Whole months, so that no question is the first to need their sums. */
async function addUpMonths({ days, faults }: Facts): Promise<void> {
  const { range } = days;
  if (range === null) return;
  for (let first = monthBegin(range.first); first <= range.last;) {
    const next = monthBegin(first + 31);
    days.sumsOf({ first, last: next - 1 });
    faults.sumsOf({ first, last: next - 1 });
    first = next;
    await turn();
  }
}
