/** The port's queries as InfluxQL, the one language of all generations. Only rows of committed entries are shown. */
import { readCursor, writeCursor } from "../cursor.ts";
import { StoreError } from "../failures.ts";
import type { DayCount } from "../../core/effects.ts";
import { dayName, dayNumber } from "../../core/calendar.ts";
import { packDays } from "../packed-days.ts";
import type { PackedDaysQuery } from "../packed-days.ts";
import type { Answer, QueryRequest } from "../protocol.ts";
import type { DaysQuery, MinutesQuery, WorksQuery } from "../store.ts";
import { DAY_COLUMNS, MINUTE_COLUMNS, QUARANTINE_COLUMNS, WORK_COLUMNS } from "../tables.ts";
import { createAlertQueries } from "./alert-queries.ts";
import type { Cell, Table } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { tagValue } from "./lines.ts";
import { MINUTE_AGGREGATES, MINUTE_FIELDS } from "./roll-up.ts";
import { readingsOf } from "./readings.ts";
import { askOne, columnsOf, inParts } from "./parts.ts";
import { DAY, MINUTE, name, QUARANTINE, quote, READING, WORK } from "./schema.ts";
import type { InfluxState } from "./state.ts";
import { PLAUSIBLE_AHEAD_MS } from "../plausible.ts";

const MINUTE_MS = 60_000;
/** A day begins at most so long before it does in UTC (UTC+14), and lasts at least so long. */
const EARLIEST_MS = 14 * 3_600_000;
const SHORTEST_DAY_MS = 20 * 3_600_000;

export interface QueryOptions {
  readonly daysRows: number;
  /** Queries under way at once; others wait. */
  readonly atOnce: number;
  readonly state: () => InfluxState;
}

export function createQueries(connection: Connection, { daysRows, atOnce, state }: QueryOptions) {
  let running = 0;
  const waiting: (() => void)[] = [];
  const ofAlerts = createAlertQueries(connection, () => state().offset);

  async function run(request: QueryRequest): Promise<Answer> {
    switch (request.kind) {
      case "readings":
        return readingsOf(connection, request.query, state().offset);
      case "alerts":
        return ofAlerts.alerts(request.query);
      case "history":
        return ofAlerts.history(request.alertId);
      case "changes":
        return ofAlerts.changesAfter(request.after, request.limit);
      case "quarantined":
        return quarantined(request.limit);
      case "days":
        return days(request.query);
      case "packedDays":
        return packedDays(request.query);
      case "works":
        return works(request.query);
      case "minutes":
        return minutes(request.query);
      case "mark":
        return inParts([[state().mark], [await ofAlerts.lastChange()]]);
      default:
        throw new StoreError("store-failed", `the store has no query ${String((request as { kind: unknown }).kind)}`);
    }
  }

  async function quarantined(limit: number): Promise<Answer> {
    const columns = QUARANTINE_COLUMNS.map(({ name: title }) => name(title)).join(", ");
    const table = await askOne(
      connection,
      "readings",
      `SELECT ${columns} FROM ${QUARANTINE} WHERE "entry" <= ${state().offset} ORDER BY time DESC LIMIT ${limit}`,
    );
    return inParts(columnsOf(table, QUARANTINE_COLUMNS));
  }

  /** Days are found by their names; the times only narrow the search, and are within two days of the name in every zone. */
  async function days(query: DaysQuery): Promise<Answer> {
    const conditions = [
      ...dayBound(query.from, ">=", -2 * 86_400_000),
      ...dayBound(query.to, "<", 2 * 86_400_000),
      ...(query.liftId === undefined ? [] : [`"liftId" = ${quote(tagValue(query.liftId))}`]),
    ];
    const fields = [...DAY_COLUMNS.map(({ name: title }) => title), "version"].map(name).join(", ");
    const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
    // Twice as many, for days that were written under more than one era.
    const table = await askOne(connection, "keep", `SELECT ${fields} FROM ${DAY}${where} LIMIT ${2 * daysRows + 1}`);
    const [day, lift, version] = ["day", "liftId", "version"].map((title) => table.columns.indexOf(title)) as [number, number, number];
    const newest = new Map<string, readonly Cell[]>();
    for (const row of table.values) {
      const text = String(row[day]);
      if ((query.from !== undefined && text < query.from) || (query.to !== undefined && text > query.to)) continue;
      if (query.liftId !== undefined && row[lift] !== query.liftId) continue;
      const key = `${text} ${String(row[lift])}`;
      const known = newest.get(key);
      // In the order of time, so that of two with the same version the one of the newer era stays.
      if (known === undefined || (row[version] as number) >= (known[version] as number)) newest.set(key, row);
    }
    if (newest.size > daysRows || table.values.length > 2 * daysRows) {
      throw new StoreError("query-too-large", `the days asked for are more than ${daysRows} rows; expected a narrower range`);
    }
    const values = [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    return inParts(columnsOf({ columns: table.columns, values }, DAY_COLUMNS));
  }

  async function packedDays({ from, days: count }: PackedDaysQuery): Promise<Answer> {
    const first = await firstDay(from);
    if (first === null) return { packed: [], columns: [], next: null };
    const end = dayName(dayNumber(first) + count);
    const { columns } = await days({ from: first, to: dayName(dayNumber(first) + count - 1) });
    const rows = columns.flatMap((part) =>
      (part[0] ?? []).map(
        (_, row) => Object.fromEntries(DAY_COLUMNS.map(({ name: title }, index) => [title, part[index]![row]])) as unknown as DayCount,
      ),
    );
    return { packed: [packDays(rows)], columns: [], next: (await firstDay(end)) === null ? null : end };
  }

  /** The first day with counts that is not before `from`. In times east and west of here the day before it may come first. */
  async function firstDay(from: string | null): Promise<string | null> {
    for (let since = from === null ? null : Date.parse(from) - EARLIEST_MS; ;) {
      const where = since === null ? "" : ` WHERE time >= ${since}ms`;
      const { columns, values } = await askOne(connection, "keep", `SELECT "day" FROM ${DAY}${where} ORDER BY time LIMIT 1`);
      const [row] = values;
      if (row === undefined) return null;
      const day = String(row[columns.indexOf("day")]);
      if (from === null || day >= from) return day;
      since = (row[columns.indexOf("time")] as number) + SHORTEST_DAY_MS;
    }
  }

  /** The last ms of a page may have been cut: it is read whole. */
  async function works({ limit, after }: WorksQuery): Promise<Answer> {
    const [since] = after === undefined ? [null] : (readCursor(after, ["number"]) as [number]);
    const select = `SELECT ${WORK_COLUMNS.map(({ name: title }) => name(title)).join(", ")} FROM ${WORK} WHERE "entry" <= ${state().offset}`;
    const table = await askOne(
      connection,
      "keep",
      `${select}${since === null ? "" : ` AND time >= ${since + 1}ms`} ORDER BY time LIMIT ${limit}`,
    );
    const time = table.columns.indexOf("time");
    if (table.values.length < limit) return inParts(columnsOf(table, WORK_COLUMNS));
    const last = table.values.at(-1)![time] as number;
    const group = await askOne(connection, "keep", `${select} AND time >= ${last}ms AND time < ${last + 1}ms`);
    const values = [...table.values.filter((row) => (row[time] as number) < last), ...group.values];
    return { ...inParts(columnsOf({ columns: table.columns, values }, WORK_COLUMNS)), next: writeCursor([last]) };
  }

  /** Minutes that are rolled up come from the roll-up, later ones from the readings. */
  async function minutes(query: MinutesQuery): Promise<Answer> {
    const [after] = query.after === undefined ? [-1] : (readCursor(query.after, ["number"]) as [number]);
    const { minutesUntil, offset, receivedAt } = state();
    const from = wholeMinute(Math.max(query.from ?? 0, after + 1));
    const to = wholeMinute(Math.min(query.to ?? Infinity, receivedAt + PLAUSIBLE_AHEAD_MS + 2 * MINUTE_MS));
    const lift = `"liftId" = ${quote(tagValue(query.liftId))}`;
    const rows: (readonly Cell[])[] = [];
    const take = (table: Table) => {
      const cells = ["time", ...MINUTE_FIELDS.map(([field]) => field)].map((title) => table.columns.indexOf(title));
      for (const row of table.values) {
        const [at, readings, faults, ...others] = cells.map((cell) => (cell < 0 ? null : (row[cell] ?? null)));
        rows.push([query.liftId, at ?? null, readings ?? 0, faults ?? 0, ...others]);
      }
    };
    const wanted = query.limit + 1;
    if (from < Math.min(to, minutesUntil)) {
      const fields = MINUTE_FIELDS.map(([field]) => name(field)).join(", ");
      take(
        await askOne(
          connection,
          "minutes",
          `SELECT ${fields} FROM ${MINUTE} WHERE ${lift} AND time >= ${from}ms AND time < ${Math.min(to, minutesUntil)}ms LIMIT ${wanted}`,
        ),
      );
    }
    const live = Math.max(from, minutesUntil);
    if (live < to && rows.length < wanted) {
      const which = `FROM ${READING} WHERE ${lift} AND "entry" <= ${offset} AND time < ${to}ms`;
      const first = (await askOne(connection, "readings", `SELECT "entry" ${which} AND time >= ${live}ms LIMIT 1`)).values[0]?.[0] as
        | number
        | undefined;
      if (first !== undefined) {
        const begin = Math.floor(first / MINUTE_MS) * MINUTE_MS;
        take(
          await askOne(
            connection,
            "readings",
            `SELECT ${MINUTE_AGGREGATES} ${which} AND time >= ${begin}ms GROUP BY time(1m) fill(none) LIMIT ${wanted - rows.length}`,
          ),
        );
      }
    }
    const page = rows.slice(0, query.limit);
    const columns = MINUTE_COLUMNS.map((_, index) => page.map((row) => row[index]));
    return { ...inParts(columns), next: rows.length > query.limit ? writeCursor([page.at(-1)![1] as number]) : null };
  }

  return {
    async answer(request: QueryRequest): Promise<Answer> {
      if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
      running++;
      try {
        return await run(request);
      } finally {
        running--;
        waiting.shift()?.();
      }
    },
  };
}

/** A condition on time that holds for a day and those after it, or before it; none where it is not the name of a day. */
function dayBound(day: string | undefined, sign: string, spareMs: number): string[] {
  if (day === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day))) return [];
  return [`time ${sign} ${Date.parse(day) + spareMs}ms`];
}

function wholeMinute(time: number): number {
  return Math.ceil(time / MINUTE_MS) * MINUTE_MS;
}
