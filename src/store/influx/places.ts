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
import { isPlausible, PLAUSIBLE_AHEAD_MS, PLAUSIBLE_BEHIND_MS } from "../plausible.ts";
import { afterRow } from "../packing.ts";
import type { PackedReadings } from "../packing.ts";
import type { Table } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { tagValue } from "./lines.ts";
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

/** A reading that fits no stretch of its lift, or one of the same lift and batch: where its rank goes, and its device time. */
interface Row {
  readonly piece: number;
  readonly row: number;
  readonly at: number;
}

/** What is committed: the newest entry, and the newest monitor's time of a reading (ms). */
export interface Reached {
  readonly offset: number;
  readonly receivedAt: number;
}

export interface Places {
  /** The rank of each row of a batch, piece by piece; STRAY_RANK for those that have no place by device time. */
  place(pieces: readonly PackedReadings[], reached: Reached): Promise<Float64Array[]>;
  /** What was placed last has not been committed, as far as is known. */
  forget(): void;
}

export const STRAY_RANK = -1;

export function createPlaces(connection: Connection): Places {
  let lifts: Map<string, Lift> | null = null;

  /** The newest readings of lifts heard lately. What is not found here, or is not committed, is looked up when its lift is met. */
  async function load({ offset, receivedAt }: Reached): Promise<Map<string, Lift>> {
    const loaded = new Map<string, Lift>();
    if (offset === 0) return loaded;
    const since = Math.max(0, receivedAt - LIMITS.influx.recentMs);
    const statement = `SELECT last("entry") FROM ${READING} WHERE time >= ${since}ms AND time < ${receivedAt + PLAUSIBLE_AHEAD_MS + 1}ms GROUP BY "liftId"`;
    const [table] = await connection.query("readings", [statement], "rfc3339");
    const [liftIndex, timeIndex, entryIndex] = ["liftId", "time", "last"].map((title) => table!.columns.indexOf(title)) as [
      number,
      number,
      number,
    ];
    for (const row of table!.values) {
      const { ms, place } = parseTime(String(row[timeIndex]));
      // An imported one has a place of its own kind, and no part in this.
      const entry = row[entryIndex] as number;
      const committed = entry > 0 && entry <= offset;
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
  async function lookUpNewest(unknown: readonly (readonly [string, Lift])[], { offset, receivedAt }: Reached): Promise<void> {
    // No plausible reading to come is older than this.
    const since = Math.max(0, receivedAt - PLAUSIBLE_BEHIND_MS);
    const tables = await ask(
      unknown.map(
        ([liftId]) =>
          `SELECT "entry" FROM ${READING} WHERE "liftId" = ${quote(tagValue(liftId))} AND "entry" > 0 AND "entry" <= ${offset} AND time >= ${since}ms ORDER BY time DESC LIMIT 1`,
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
  async function lookUpRanges(blocked: readonly { readonly liftId: string; readonly misfits: readonly Row[] }[], offset: number) {
    const statements = blocked.flatMap(({ liftId, misfits }) => {
      const which = `FROM ${READING} WHERE "liftId" = ${quote(tagValue(liftId))} AND "entry" > 0 AND "entry" <= ${offset}`;
      const { first, last } = boundsOf(misfits);
      return [
        `SELECT "entry" ${which} AND time >= ${first}ms AND time < ${last + 1}ms`,
        `SELECT "entry" ${which} AND time >= ${last + 1}ms LIMIT 1`,
      ];
    });
    const tables = await ask(statements, "ms");
    return blocked.map((_, index) => {
      const counts = new Map<number, number>();
      for (const [time] of tables[2 * index]!.values) counts.set(time as number, (counts.get(time as number) ?? 0) + 1);
      return { counts, next: (tables[2 * index + 1]!.values[0]?.[0] as number | undefined) ?? Infinity };
    });
  }

  /** The lift of each string of a piece that is the id of one, those that are not known yet looked up. */
  async function liftsOf(pieces: readonly PackedReadings[], reached: Reached): Promise<(Lift | undefined)[][]> {
    const known = (lifts ??= await load(reached));
    const unknown = new Map<string, Lift>();
    const found = pieces.map(({ count, cells, strings }) => {
      const own: (Lift | undefined)[] = [];
      for (let row = 0, start = 0; row < count; row++, start = afterRow(cells, start)) {
        const string = cells[start]!;
        if (own[string] !== undefined) continue;
        const liftId = strings[string]!;
        let lift = known.get(liftId);
        if (lift === undefined) {
          // In a store that is empty there is nothing to look up.
          lift = { newest: reached.offset === 0 ? { at: -1, count: 0, until: Infinity } : null, backlog: null };
          known.set(liftId, lift);
        }
        if (lift.newest === null) unknown.set(liftId, lift);
        own[string] = lift;
      }
      return own;
    });
    await lookUpNewest([...unknown], reached);
    return found;
  }

  return {
    async place(pieces, reached) {
      const owners = await liftsOf(pieces, reached);
      const misfits = new Map<Lift, Row[]>();
      const ranks = pieces.map(({ count, cells }, piece) => {
        const own = new Float64Array(count).fill(STRAY_RANK);
        for (let row = 0, start = 0; row < count; row++, start = afterRow(cells, start)) {
          const at = cells[start + 5]!;
          if (!isPlausible(at, cells[start + 4]!)) continue;
          const lift = owners[piece]![cells[start]!]!;
          const rank = rankInOrder(lift, at);
          if (rank !== null) {
            own[row] = rank;
            continue;
          }
          const known = misfits.get(lift);
          if (known === undefined) misfits.set(lift, [{ piece, row, at }]);
          else known.push({ piece, row, at });
        }
        return own;
      });
      if (misfits.size > 0) await placeMisfits(pieces, owners, misfits, ranks, reached.offset);
      for (const own of ranks) for (const [row, rank] of own.entries()) if (rank >= PLACES) own[row] = STRAY_RANK;
      return ranks;
    },
    forget() {
      lifts = null;
    },
  };

  async function placeMisfits(
    pieces: readonly PackedReadings[],
    owners: readonly (readonly (Lift | undefined)[])[],
    misfits: ReadonlyMap<Lift, readonly Row[]>,
    ranks: readonly Float64Array[],
    offset: number,
  ): Promise<void> {
    const all = new Map<Lift, { liftId: string; rows: Row[] }>();
    pieces.forEach(({ count, cells, strings }, piece) => {
      for (let row = 0, start = 0; row < count; row++, start = afterRow(cells, start)) {
        const lift = owners[piece]![cells[start]!]!;
        if (!misfits.has(lift)) continue;
        const at = cells[start + 5]!;
        if (!isPlausible(at, cells[start + 4]!)) continue;
        const known = all.get(lift);
        if (known === undefined) all.set(lift, { liftId: strings[cells[start]!]!, rows: [{ piece, row, at }] });
        else known.rows.push({ piece, row, at });
      }
    });
    const blocked = [...all].map(([lift, { liftId, rows }]) => ({ lift, liftId, rows, misfits: misfits.get(lift)! }));
    const found = await lookUpRanges(blocked, offset);
    blocked.forEach((one, index) => rankByCount(one.lift, one.rows, one.misfits, found[index]!, ranks));
  }
}

/** The rank of a reading that continues one of the lift's stretches; null for one that does not. */
function rankInOrder({ newest, backlog }: Lift, at: number): number | null {
  const stretch = newest !== null && at >= newest.at ? newest : backlog !== null && at >= backlog.at && at < backlog.until ? backlog : null;
  if (stretch === null) return null;
  if (at > stretch.at) {
    stretch.at = at;
    stretch.count = 0;
  }
  return stretch.count++;
}

/** Ranks the rows that fitted nowhere: behind what the store has at their time, and behind the rows before them in the batch. */
function rankByCount(
  lift: Lift,
  rows: readonly Row[],
  misfits: readonly Row[],
  { counts, next }: { readonly counts: ReadonlyMap<number, number>; readonly next: number },
  ranks: readonly Float64Array[],
): void {
  const { first, last } = boundsOf(misfits);
  const reached = new Map(counts);
  let after = next;
  for (const { piece, row, at } of rows) {
    if (at > last) after = Math.min(after, at);
    if (at < first || at > last) continue;
    // Rows that were in order have their rank already, and it is the same one.
    const rank = reached.get(at) ?? 0;
    ranks[piece]![row] = rank;
    reached.set(at, rank + 1);
  }
  lift.backlog = { at: last, count: reached.get(last) ?? 0, until: after };
}

function boundsOf(rows: readonly Row[]): { readonly first: number; readonly last: number } {
  return rows.reduce(({ first, last }, { at }) => ({ first: Math.min(first, at), last: Math.max(last, at) }), { first: Infinity, last: 0 });
}

/** RFC 3339 with up to nine digits, as ms and a place within the ms. */
export function parseTime(time: string): { readonly ms: number; readonly place: number } {
  const [, seconds = "", digits = ""] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(time) ?? [];
  const fraction = digits.padEnd(9, "0");
  return { ms: Date.parse(`${seconds}Z`) + Number(fraction.slice(0, 3)), place: Number(fraction.slice(3)) };
}
