/** The port's queries as InfluxQL, the one language of all generations. Only rows of committed entries are shown. */
import { LIMITS } from "../../config.ts";
import { readCursor, writeCursor } from "../cursor.ts";
import { StoreError } from "../failures.ts";
import type { Answer, QueryRequest } from "../protocol.ts";
import type { AlertsQuery, DaysQuery, MinutesQuery } from "../store.ts";
import { CHANGE_COLUMNS, DAY_COLUMNS, MINUTE_COLUMNS, QUARANTINE_COLUMNS } from "../tables.ts";
import type { ColumnValues } from "../tables.ts";
import { alertTime } from "./alert-slots.ts";
import type { Cell, Table } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { tagValue } from "./lines.ts";
import { MINUTE_AGGREGATES, MINUTE_FIELDS } from "./roll-up.ts";
import { readingsOf } from "./readings.ts";
import { ALERT, CHANGE, DAY, MINUTE, name, QUARANTINE, quote, READING } from "./schema.ts";
import type { InfluxState } from "./state.ts";
import { PLAUSIBLE_AHEAD_MS } from "../plausible.ts";

/** Rows of a part of an answer: the main thread takes a few ms for one. */
const PART_ROWS = 4_096;
const MINUTE_MS = 60_000;
/** A change later than this many others is looked for from the beginning. */
const CHANGES_INDEXED = 20_000;

export interface QueryOptions {
  readonly daysRows: number;
  /** Queries under way at once; others wait. */
  readonly atOnce: number;
  readonly state: () => InfluxState;
}

export function createQueries(connection: Connection, { daysRows, atOnce, state }: QueryOptions) {
  let running = 0;
  const waiting: (() => void)[] = [];
  /** The number and the time of one of the newer changes: those after it are after that time, too. */
  let landmark: { readonly n: number; readonly ms: number } | null = null;

  async function run(request: QueryRequest): Promise<Answer> {
    switch (request.kind) {
      case "readings":
        return readingsOf(connection, request.query, state().offset);
      case "alerts":
        return alerts(request.query);
      case "history":
        return history(request.alertId);
      case "changes":
        return changesAfter(request.after, request.limit);
      case "quarantined":
        return quarantined(request.limit);
      case "days":
        return days(request.query);
      case "minutes":
        return minutes(request.query);
      default:
        throw new StoreError("store-failed", `the store has no query ${String((request as { kind: unknown }).kind)}`);
    }
  }

  async function one(policy: "keep" | "readings" | "minutes", statement: string): Promise<Table> {
    const [table] = await connection.query(policy, [statement], "ms");
    return table!;
  }

  async function alerts(query: AlertsQuery): Promise<Answer> {
    const [afterRaisedAt, afterId] =
      query.after === undefined ? [null, ""] : (readCursor(query.after, ["number", "string"]) as [number, string]);
    const where = [
      ...(query.hazard === undefined ? [] : [`"hazard" = ${quote(tagValue(query.hazard))}`]),
      ...(query.liftId === undefined ? [] : [`"liftId" = ${quote(tagValue(query.liftId))}`]),
      ...(query.from === undefined ? [] : [`time >= ${alertTime(query.from)}ms`]),
    ];
    const matches = (row: AlertRecord) =>
      (query.state === undefined || row.state === query.state) &&
      (query.liftId === undefined || row.liftId === query.liftId) &&
      (query.from === undefined || row.raisedAt >= query.from) &&
      (query.to === undefined || row.raisedAt < query.to) &&
      (afterRaisedAt === null || row.raisedAt < afterRaisedAt || (row.raisedAt === afterRaisedAt && row.alertId > afterId));
    // Exclusive. Rows of one ms are read whole: they are ordered by id here.
    let before = Math.min(query.to ?? Infinity, (afterRaisedAt ?? Infinity) + 1);
    const found: AlertRecord[] = [];
    for (;;) {
      const bound = before === Infinity ? [] : [`time < ${alertTime(before - 1) + 1}ms`];
      const conditions = [...where, ...bound];
      const select = `SELECT "n", "raisedAt", "state", "alertId", "liftId", "alert" FROM ${ALERT}`;
      const chunk = await one(
        "keep",
        `${select}${conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`} ORDER BY time DESC LIMIT ${LIMITS.influx.alertRows}`,
      );
      const whole = chunk.values.length < LIMITS.influx.alertRows;
      let rows = alertRecords(chunk);
      if (!whole) {
        // The last ms may have been cut.
        const last = rows.at(-1)!.ms;
        const group = await one("keep", `${select} WHERE ${[...where, `time >= ${last}ms`, `time < ${last + 1}ms`].join(" AND ")}`);
        rows = [...rows.filter(({ ms }) => ms > last), ...alertRecords(group)];
        before = last;
      }
      const newest = new Map<string, AlertRecord>();
      for (const row of rows) if (row.n > (newest.get(row.alertId)?.n ?? -1)) newest.set(row.alertId, row);
      found.push(...[...newest.values()].filter(matches).sort((a, b) => b.raisedAt - a.raisedAt || (a.alertId < b.alertId ? -1 : 1)));
      if (whole || found.length > query.limit) break;
    }
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    const next = found.length > query.limit && last !== undefined ? writeCursor([last.raisedAt, last.alertId]) : null;
    return { ...inParts([page.map(({ alert }) => alert)]), next };
  }

  /** By lift and hazard, which are few rows: the alert itself is found by its id among all alerts. */
  async function history(alertId: string): Promise<Answer> {
    const which = `SELECT "liftId", "hazard", "alertId" FROM ${ALERT} WHERE "alertId" = ${quote(alertId)}`;
    const raisedAt = raisedAtOf(alertId);
    let owner = raisedAt === null ? null : await one("keep", `${which} AND time >= ${raisedAt}ms AND time < ${raisedAt + 1}ms LIMIT 1`);
    if (owner === null || owner.values.length === 0) owner = await one("keep", `${which} LIMIT 1`);
    const [row] = owner.values;
    if (row === undefined) return inParts([]);
    const tags = ["liftId", "hazard"].map((tag) => `"${tag}" = ${quote(String(row[owner.columns.indexOf(tag)]))}`);
    return changes(`${tags.join(" AND ")} AND "alertId" = ${quote(alertId)} AND "seq" <= ${state().offset}`);
  }

  async function changesAfter(after: number, limit: number): Promise<Answer> {
    landmark ??= await newerChange();
    const since = landmark !== null && landmark.n <= after ? ` AND time >= ${landmark.ms}ms` : "";
    return changes(`"n" > ${after}${since} AND "seq" <= ${state().offset}`, limit);
  }

  async function newerChange(): Promise<{ n: number; ms: number } | null> {
    const table = await one("keep", `SELECT "n" FROM ${CHANGE} ORDER BY time DESC LIMIT ${CHANGES_INDEXED}`);
    const last = table.values.at(-1);
    return last === undefined || table.values.length < CHANGES_INDEXED ? null : { ms: last[0] as number, n: last[1] as number };
  }

  async function changes(where: string, limit?: number): Promise<Answer> {
    const table = await one(
      "keep",
      `SELECT "n", "seq", "at", "change", "by", "note", "alertId", "alert" FROM ${CHANGE} WHERE ${where}${limit === undefined ? "" : ` LIMIT ${limit}`}`,
    );
    return inParts(columnsOf(table, CHANGE_COLUMNS));
  }

  async function quarantined(limit: number): Promise<Answer> {
    const columns = QUARANTINE_COLUMNS.map(({ name: title }) => name(title)).join(", ");
    const table = await one(
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
    const table = await one("keep", `SELECT ${fields} FROM ${DAY}${where} LIMIT ${2 * daysRows + 1}`);
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
        await one(
          "minutes",
          `SELECT ${fields} FROM ${MINUTE} WHERE ${lift} AND time >= ${from}ms AND time < ${Math.min(to, minutesUntil)}ms LIMIT ${wanted}`,
        ),
      );
    }
    const live = Math.max(from, minutesUntil);
    if (live < to && rows.length < wanted) {
      const which = `FROM ${READING} WHERE ${lift} AND "entry" <= ${offset} AND time < ${to}ms`;
      const first = (await one("readings", `SELECT "entry" ${which} AND time >= ${live}ms LIMIT 1`)).values[0]?.[0] as number | undefined;
      if (first !== undefined) {
        const begin = Math.floor(first / MINUTE_MS) * MINUTE_MS;
        take(
          await one(
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

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** The time in an alert's id, which is that at which the alert was raised; null where the id has none. Only narrows a search. */
function raisedAtOf(alertId: string): number | null {
  if (!ULID.test(alertId)) return null;
  let ms = 0;
  for (const letter of alertId.slice(0, 10)) ms = ms * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(letter);
  return alertTime(ms);
}

interface AlertRecord {
  readonly ms: number;
  readonly n: number;
  readonly raisedAt: number;
  readonly state: string;
  readonly alertId: string;
  readonly liftId: string;
  readonly alert: string;
}

function alertRecords({ columns, values }: Table): AlertRecord[] {
  const at = (title: string) => columns.indexOf(title);
  const [time, n, raisedAt, state, alertId, liftId, alert] = ["time", "n", "raisedAt", "state", "alertId", "liftId", "alert"].map(at) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return values.map((row) => ({
    ms: row[time] as number,
    n: row[n] as number,
    raisedAt: row[raisedAt] as number,
    state: String(row[state]),
    alertId: String(row[alertId]),
    liftId: String(row[liftId]),
    alert: String(row[alert]),
  }));
}

/** A condition on time that holds for a day and those after it, or before it; none where it is not the name of a day. */
function dayBound(day: string | undefined, sign: string, spareMs: number): string[] {
  if (day === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day))) return [];
  return [`time ${sign} ${Date.parse(day) + spareMs}ms`];
}

function wholeMinute(time: number): number {
  return Math.ceil(time / MINUTE_MS) * MINUTE_MS;
}

function columnsOf({ columns, values }: Table, wanted: readonly { readonly name: string }[]): ColumnValues {
  return wanted.map(({ name: title }) => {
    const index = columns.indexOf(title);
    return values.map((row) => (index < 0 ? null : (row[index] ?? null)));
  });
}

function inParts(columns: ColumnValues): Answer {
  const count = columns[0]?.length ?? 0;
  const parts: ColumnValues[] = [];
  for (let start = 0; start < count; start += PART_ROWS) parts.push(columns.map((values) => values.slice(start, start + PART_ROWS)));
  return { packed: [], columns: parts, next: null };
}
