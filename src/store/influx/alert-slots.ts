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

const DAY_MS = 86_400_000;

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

  /** Slots of the alerts that stand in the places of `rows`: by place, and there by alert. */
  async function lookUp(rows: readonly AlertRow[]): Promise<Map<string, Map<string, number>>> {
    // One query for each hazard and day, not for each alert: a city's power cut is thousands of them at once.
    const ranges = new Map<string, { readonly hazard: string; first: number; last: number }>();
    for (const { hazard, raisedAt } of rows) {
      const ms = alertTime(raisedAt);
      const key = `${Math.floor(ms / DAY_MS)} ${hazard}`;
      const range = ranges.get(key);
      if (range === undefined) ranges.set(key, { hazard, first: ms, last: ms });
      else {
        range.first = Math.min(range.first, ms);
        range.last = Math.max(range.last, ms);
      }
    }
    const statements = [...ranges.values()].map(
      ({ hazard, first, last }) =>
        `SELECT "alertId", "liftId", "hazard" FROM ${ALERT} WHERE "hazard" = ${quote(tagValue(hazard))} AND time >= ${first}ms AND time < ${last + 1}ms`,
    );
    const found = new Map<string, Map<string, number>>();
    for (let start = 0; start < statements.length; start += LIMITS.influx.statements) {
      for (const { columns, values } of await connection.query(
        "keep",
        statements.slice(start, start + LIMITS.influx.statements),
        "rfc3339",
      )) {
        const [time, id, lift, hazard] = ["time", "alertId", "liftId", "hazard"].map((title) => columns.indexOf(title)) as [
          number,
          number,
          number,
          number,
        ];
        for (const row of values) {
          const { ms, place } = parseTime(String(row[time]));
          const key = placeOf(String(row[lift]), String(row[hazard]), ms);
          const there = found.get(key);
          if (there === undefined) found.set(key, new Map([[String(row[id]), place % SLOTS]]));
          else there.set(String(row[id]), place % SLOTS);
        }
      }
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
      for (const { alertId, liftId, hazard, raisedAt } of unknown) {
        const place = placeOf(tagValue(liftId), tagValue(hazard), alertTime(raisedAt));
        let there = found.get(place);
        if (there === undefined) found.set(place, (there = new Map()));
        const slot = there.get(alertId) ?? [...there.values()].reduce((most, taken) => Math.max(most, taken), -1) + 1;
        there.set(alertId, slot);
        known.set(alertId, slot % SLOTS);
      }
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

/** Alerts of one place differ in their slots only. */
function placeOf(liftId: string, hazard: string, ms: number): string {
  return `${ms}\n${hazard}\n${liftId}`;
}
