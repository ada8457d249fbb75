/**
 * Times that tell points apart. InfluxDB knows a point by its series and its time, and a second one in the same place replaces
 * the first; so every reading has a place of its own, and the same one whenever it is written again.
 *
 * A reading stands at its device time (ms), and within that ms (in ns) at its rank among the readings of its lift with the same
 * device time, in the order of the journal: nearly always 0. The rank is a function of the journal alone, so a batch that was
 * written in part before a crash lands on itself. It is reckoned from what is known of each lift: the newest device time
 * committed, and a second stretch for a backlog that is caught up with; only what fits neither is looked up in the store.
 */
import { LIMITS } from "../../config.ts";
import { isPlausible } from "../plausible.ts";
import { afterRow } from "../packing.ts";
import type { PackedReadings } from "../packing.ts";
import type { Table } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { quote, READING } from "./schema.ts";

/** Places in a ms. Readings beyond it are kept apart, as those of implausible times are. */
export const PLACES = 1_000_000;

/** From `at` on, up to `until` (exclusive), the store has nothing but `count` readings at `at` itself. */
interface Stretch {
  at: number;
  count: number;
  until: number;
}

interface Lift {
  newest: Stretch | null;
  backlog: Stretch | null;
}

export interface PlacedRow {
  readonly piece: PackedReadings;
  /** Cell at which the row begins. */
  readonly start: number;
  readonly liftId: string;
  readonly at: number;
  readonly receivedAt: number;
  /** Null for a stray: it has no place by device time. */
  rank: number | null;
}

export interface Places {
  /** Rows of a batch in order, each with its rank. `offset`: newest entry committed. */
  place(pieces: readonly PackedReadings[], offset: number): Promise<PlacedRow[]>;
  /** What was placed last has not been committed, as far as is known. */
  forget(): void;
}

export function createPlaces(connection: Connection): Places {
  let lifts: Map<string, Lift> | null = null;

  /** The newest reading of every lift. One that is not committed leaves the lift to be looked up when it is met. */
  async function load(offset: number): Promise<Map<string, Lift>> {
    const loaded = new Map<string, Lift>();
    const [table] = await connection.query("readings", [`SELECT last("entry") FROM ${READING} GROUP BY "liftId"`], "rfc3339");
    const [liftIndex, timeIndex, entryIndex] = ["liftId", "time", "last"].map((title) => table!.columns.indexOf(title)) as [
      number,
      number,
      number,
    ];
    for (const row of table!.values) {
      const { ms, place } = parseTime(String(row[timeIndex]));
      const committed = (row[entryIndex] as number) <= offset;
      loaded.set(String(row[liftIndex]), { newest: committed ? { at: ms, count: place + 1, until: Infinity } : null, backlog: null });
    }
    return loaded;
  }

  async function ask(statements: readonly string[], times: "ms" | "rfc3339"): Promise<Table[]> {
    const tables: Table[] = [];
    for (let start = 0; start < statements.length; start += LIMITS.influx.statements) {
      tables.push(...(await connection.query("readings", statements.slice(start, start + LIMITS.influx.statements), times)));
    }
    return tables;
  }

  /** For lifts of which it is not known: their newest committed reading. */
  async function lookUpNewest(unknown: readonly (readonly [string, Lift])[], offset: number): Promise<void> {
    const tables = await ask(
      unknown.map(
        ([liftId]) =>
          `SELECT "entry" FROM ${READING} WHERE "liftId" = ${quote(liftId)} AND "entry" <= ${offset} ORDER BY time DESC LIMIT 1`,
      ),
      "rfc3339",
    );
    unknown.forEach(([, lift], index) => {
      const time = tables[index]?.values[0]?.[0];
      const { ms, place } = time === undefined ? { ms: -1, place: -1 } : parseTime(String(time));
      lift.newest = { at: ms, count: place + 1, until: Infinity };
    });
  }

  /** What the store has from the earliest row that fits nowhere to the latest, and what comes after it. */
  async function lookUpRanges(blocked: readonly { readonly liftId: string; readonly rows: readonly PlacedRow[] }[], offset: number) {
    const statements = blocked.flatMap(({ liftId, rows }) => {
      const times = rows.map(({ at }) => at);
      const which = `FROM ${READING} WHERE "liftId" = ${quote(liftId)} AND "entry" <= ${offset}`;
      const last = times.reduce((most, at) => Math.max(most, at)) + 1;
      return [
        `SELECT "entry" ${which} AND time >= ${times.reduce((least, at) => Math.min(least, at))}ms AND time < ${last}ms`,
        `SELECT "entry" ${which} AND time >= ${last}ms LIMIT 1`,
      ];
    });
    const tables = await ask(statements, "ms");
    return blocked.map((_, index) => {
      const counts = new Map<number, number>();
      for (const [time] of tables[2 * index]?.values ?? []) counts.set(time as number, (counts.get(time as number) ?? 0) + 1);
      return { counts, next: (tables[2 * index + 1]?.values[0]?.[0] as number | undefined) ?? Infinity };
    });
  }

  return {
    async place(pieces, offset) {
      const known = (lifts ??= await load(offset));
      const rows: PlacedRow[] = [];
      const byLift = new Map<string, PlacedRow[]>();
      for (const piece of pieces) {
        for (let row = 0, start = 0; row < piece.count; row++) {
          const placed: PlacedRow = {
            piece,
            start,
            liftId: piece.strings[piece.cells[start]!]!,
            receivedAt: piece.cells[start + 4]!,
            at: piece.cells[start + 5]!,
            rank: null,
          };
          rows.push(placed);
          start = afterRow(piece.cells, start);
          if (!isPlausible(placed.at, placed.receivedAt)) continue;
          const own = byLift.get(placed.liftId);
          if (own === undefined) byLift.set(placed.liftId, [placed]);
          else own.push(placed);
        }
      }

      const unknown: (readonly [string, Lift])[] = [];
      for (const liftId of byLift.keys()) {
        let lift = known.get(liftId);
        if (lift === undefined) {
          // Not among those that have any reading.
          lift = { newest: { at: -1, count: 0, until: Infinity }, backlog: null };
          known.set(liftId, lift);
        }
        if (lift.newest === null) unknown.push([liftId, lift]);
      }
      await lookUpNewest(unknown, offset);

      const blocked: { readonly liftId: string; readonly lift: Lift; readonly own: readonly PlacedRow[]; readonly rows: PlacedRow[] }[] =
        [];
      for (const [liftId, own] of byLift) {
        const lift = known.get(liftId)!;
        const misfits = own.filter((row) => !rankInOrder(lift, row));
        if (misfits.length > 0) blocked.push({ liftId, lift, own, rows: misfits });
      }
      const found = await lookUpRanges(blocked, offset);
      blocked.forEach(({ lift, own, rows: misfits }, index) => rankByCount(lift, own, misfits, found[index]!));
      for (const row of rows) if (row.rank !== null && row.rank >= PLACES) row.rank = null;
      return rows;
    },
    forget() {
      lifts = null;
    },
  };
}

/** Ranks a row that continues one of the lift's stretches. */
function rankInOrder({ newest, backlog }: Lift, row: PlacedRow): boolean {
  const stretch =
    newest !== null && row.at >= newest.at ? newest : backlog !== null && row.at >= backlog.at && row.at < backlog.until ? backlog : null;
  if (stretch === null) return false;
  if (row.at > stretch.at) {
    stretch.at = row.at;
    stretch.count = 0;
  }
  row.rank = stretch.count++;
  return true;
}

/** Ranks the rows that fitted nowhere: behind what the store has at their time, and behind the rows before them in the batch. */
function rankByCount(
  lift: Lift,
  own: readonly PlacedRow[],
  misfits: readonly PlacedRow[],
  { counts, next }: { readonly counts: ReadonlyMap<number, number>; readonly next: number },
): void {
  const first = misfits.reduce((least, { at }) => Math.min(least, at), Infinity);
  const last = misfits.reduce((most, { at }) => Math.max(most, at), 0);
  const reached = new Map(counts);
  let after = next;
  for (const row of own) {
    if (row.at > last) after = Math.min(after, row.at);
    if (row.at < first || row.at > last) continue;
    // Rows that were in order have their rank already, and it is the same one.
    const rank = reached.get(row.at) ?? 0;
    row.rank = rank;
    reached.set(row.at, rank + 1);
  }
  lift.backlog = { at: last, count: reached.get(last) ?? 0, until: after };
}

/** RFC 3339 with up to nine digits, as ms and a place within the ms. */
export function parseTime(time: string): { readonly ms: number; readonly place: number } {
  const [, seconds = "", digits = ""] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(time) ?? [];
  const fraction = digits.padEnd(9, "0");
  return { ms: Date.parse(`${seconds}Z`) + Number(fraction.slice(0, 3)), place: Number(fraction.slice(3)) };
}
