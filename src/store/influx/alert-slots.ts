/**
 * Newest states of alerts, each at the time it was raised at (device time), so that a list by that time is one read. Alerts of one hazard of one lift
 * that were raised at the same ms, which only a clock that stands still brings about, get slots of their own within it.
 */
import { LIMITS } from "../../config.ts";
import { ALERT_COLUMNS } from "../tables.ts";
import type { ColumnValues } from "../tables.ts";
import type { Connection } from "./connection.ts";
import { alertLine, nanoseconds, tagValue } from "./lines.ts";
import type { AlertRow } from "./lines.ts";
import { parseTime, PLACES } from "./places.ts";
import { ALERT, quote } from "./schema.ts";

/** Slots within a ms; the rest of its places tells eras apart. A request would have to be delayed over so many failures to do harm. */
const SLOTS = 2_000;
const ERAS = PLACES / SLOTS;
/** What InfluxDB can hold as a time, ms. Alerts raised later, by a clock that is not set, all stand at the end. */
const LAST_MS = 9_223_372_036_853;

export function alertTime(raisedAt: number): number {
  return Math.min(raisedAt, LAST_MS);
}

export interface AlertSlots {
  lines(alerts: ColumnValues, era: number): Promise<string[]>;
  /** What was made last is stored. */
  committed(): void;
  forget(): void;
}

export function createAlertSlots(connection: Connection): AlertSlots {
  let known = new Map<string, number>();

  /** Alerts at the place of each of `rows`, by id. */
  async function lookUp(rows: readonly AlertRow[]): Promise<Map<string, number>[]> {
    const found: Map<string, number>[] = [];
    for (let start = 0; start < rows.length; start += LIMITS.influx.statements) {
      const part = rows.slice(start, start + LIMITS.influx.statements);
      const tables = await connection.query("keep", part.map(statementOf), "rfc3339");
      part.forEach((_, index) => {
        const { columns, values } = tables[index] ?? { columns: [], values: [] };
        const [time, id] = [columns.indexOf("time"), columns.indexOf("alertId")];
        found.push(new Map(values.map((row) => [String(row[id]), parseTime(String(row[time])).place % SLOTS])));
      });
    }
    return found;
  }

  return {
    async lines(alerts, era) {
      const count = alerts[0]?.length ?? 0;
      const rows = Array.from(
        { length: count },
        (_, row) => Object.fromEntries(ALERT_COLUMNS.map(({ name }, index) => [name, alerts[index]![row]])) as unknown as AlertRow,
      );
      const unknown = rows.filter(({ alertId }) => !known.has(alertId));
      const found = await lookUp(unknown);
      /** Slots given to alerts of this batch, by place. */
      const given = new Map<string, number>();
      unknown.forEach((row, index) => {
        const stored = found[index]!;
        const place = `${row.liftId}\n${row.hazard}\n${alertTime(row.raisedAt)}`;
        const next = given.get(place) ?? [...stored.values()].reduce((most, slot) => Math.max(most, slot), -1) + 1;
        const own = stored.get(row.alertId);
        known.set(row.alertId, own ?? next % SLOTS);
        given.set(place, own === undefined ? next + 1 : next);
      });
      return rows.map((row) => {
        const slot = known.get(row.alertId)!;
        return alertLine(row, nanoseconds(alertTime(row.raisedAt), (era % ERAS) * SLOTS + slot));
      });
    },
    committed() {
      if (known.size > LIMITS.influx.alertSlots) known = new Map();
    },
    forget() {
      known = new Map();
    },
  };
}

function statementOf({ liftId, hazard, raisedAt }: AlertRow): string {
  const ms = alertTime(raisedAt);
  return `SELECT "alertId" FROM ${ALERT} WHERE "liftId" = ${quote(tagValue(liftId))} AND "hazard" = ${quote(tagValue(hazard))} AND time >= ${ms}ms AND time < ${ms + 1}ms`;
}
