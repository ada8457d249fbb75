/** Alerts and their changes. Of an alert there is a row for each era in which it changed: the one with the greatest `n` counts. */
import { LIMITS } from "../../config.ts";
import { readCursor, writeCursor } from "../cursor.ts";
import type { Answer } from "../protocol.ts";
import type { AlertsQuery } from "../store.ts";
import { CHANGE_COLUMNS } from "../tables.ts";
import { alertTime } from "./alert-slots.ts";
import type { Table } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { tagValue } from "./lines.ts";
import { askOne, columnsOf, inParts } from "./parts.ts";
import { ALERT, CHANGE, quote } from "./schema.ts";

/** A change later than this many others is looked for from the beginning. */
const CHANGES_INDEXED = 20_000;

/** `committed` gives the newest entry whose rows are shown. */
export function createAlertQueries(connection: Connection, committed: () => number) {
  /** The number and the time of one of the newer changes: those after it are after that time, too. */
  let landmark: { readonly n: number; readonly ms: number } | null = null;

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
      const chunk = await askOne(
        connection,
        "keep",
        `${select}${conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`} ORDER BY time DESC LIMIT ${LIMITS.influx.alertRows}`,
      );
      const whole = chunk.values.length < LIMITS.influx.alertRows;
      let rows = alertRecords(chunk);
      if (!whole) {
        // The last ms may have been cut.
        const last = rows.at(-1)!.ms;
        const group = await askOne(
          connection,
          "keep",
          `${select} WHERE ${[...where, `time >= ${last}ms`, `time < ${last + 1}ms`].join(" AND ")}`,
        );
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
    let owner =
      raisedAt === null
        ? null
        : await askOne(connection, "keep", `${which} AND time >= ${raisedAt}ms AND time < ${raisedAt + 1}ms LIMIT 1`);
    if (owner === null || owner.values.length === 0) owner = await askOne(connection, "keep", `${which} LIMIT 1`);
    const [row] = owner.values;
    if (row === undefined) return inParts([]);
    const tags = ["liftId", "hazard"].map((tag) => `"${tag}" = ${quote(String(row[owner.columns.indexOf(tag)]))}`);
    return changes(`${tags.join(" AND ")} AND "alertId" = ${quote(alertId)} AND "seq" <= ${committed()}`);
  }

  async function changesAfter(after: number, limit: number): Promise<Answer> {
    landmark ??= await newerChange();
    const since = landmark !== null && landmark.n <= after ? ` AND time >= ${landmark.ms}ms` : "";
    return changes(`"n" > ${after}${since} AND "seq" <= ${committed()}`, limit);
  }

  async function newerChange(): Promise<{ n: number; ms: number } | null> {
    const table = await askOne(connection, "keep", `SELECT "n" FROM ${CHANGE} ORDER BY time DESC LIMIT ${CHANGES_INDEXED}`);
    const last = table.values.at(-1);
    return last === undefined || table.values.length < CHANGES_INDEXED ? null : { ms: last[0] as number, n: last[1] as number };
  }

  async function changes(where: string, limit?: number): Promise<Answer> {
    const table = await askOne(
      connection,
      "keep",
      `SELECT "n", "seq", "at", "change", "by", "note", "alertId", "alert" FROM ${CHANGE} WHERE ${where}${limit === undefined ? "" : ` LIMIT ${limit}`}`,
    );
    return inParts(columnsOf(table, CHANGE_COLUMNS));
  }

  /** Number of the newest change; 0 for none. Changes of the journal lie in its order. */
  async function lastChange(): Promise<number> {
    const table = await askOne(
      connection,
      "keep",
      `SELECT "n" FROM ${CHANGE} WHERE "seq" > 0 AND "seq" <= ${committed()} ORDER BY time DESC LIMIT 1`,
    );
    return Number(table.values[0]?.[table.columns.indexOf("n")] ?? 0);
  }

  return { alerts, history, changesAfter, lastChange };
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
