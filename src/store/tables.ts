/** Tables beside the readings, and the schema's version. docs/schema.md describes them for people. */
import type { Alert, Change, DayCount, Quarantined, WorkRow } from "../core/effects.ts";
import { enumTypesSql, sqlName } from "./columns.ts";
import type { Column } from "./columns.ts";

/** Version of the file's schema. A newer file is refused; an older one is migrated. */
export const SCHEMA_VERSION = 4;

const text = (name: string): Column => ({ name, type: "VARCHAR" });
const whole = (name: string): Column => ({ name, type: "BIGINT" });

/** Every change, `alert` as JSON as it was then. Kinds are text, not an enum: a new kind needs no migration. */
export const CHANGE_COLUMNS: readonly Column[] = [
  whole("n"),
  whole("seq"),
  whole("at"),
  text("change"),
  text("by"),
  text("note"),
  text("alertId"),
  text("alert"),
];

/** The newest state of every alert, with what queries filter and sort by. */
export const ALERT_COLUMNS: readonly Column[] = [
  text("alertId"),
  whole("n"),
  text("liftId"),
  text("hazard"),
  text("state"),
  whole("raisedAt"),
  text("alert"),
];

export const DAY_COLUMNS: readonly Column[] = [
  text("day"),
  text("liftId"),
  whole("inServiceMs"),
  whole("readings"),
  whole("faults"),
  whole("stoppingFaults"),
  whole("entrapments"),
  whole("trips"),
];

/** Work orders; the words for what was done are text: another kind needs no migration. */
export const WORK_COLUMNS: readonly Column[] = [whole("entry"), whole("at"), text("liftId"), text("work"), text("by"), text("note")];

/** A minute of a lift (MinuteCount), as answers carry it. */
export const MINUTE_COLUMNS: readonly Column[] = [
  text("liftId"),
  whole("at"),
  whole("readings"),
  whole("faults"),
  ...["speedMinMps", "speedMaxMps", "personsMax", "loadMaxKg", "motorTemperatureMaxC"].map((name): Column => ({ name, type: "DOUBLE" })),
];

/** `n` numbers the rejected readings of this file from 1; the oldest are dropped beyond LIMITS.store.quarantineRows. */
export const QUARANTINE_COLUMNS: readonly Column[] = [
  whole("entry"),
  whole("index"),
  whole("receivedAt"),
  text("topic"),
  text("source"),
  text("reason"),
  text("path"),
  text("message"),
  text("excerpt"),
];
export const QUARANTINE_TABLE: readonly Column[] = [whole("n"), ...QUARANTINE_COLUMNS];

/** Rows of one table, by column in its order: what crosses to the worker. */
export type ColumnValues = readonly (readonly unknown[])[];

export function byColumn(columns: readonly Column[], rows: readonly object[]): ColumnValues {
  return columns.map(({ name }) => rows.map((row) => (row as Readonly<Record<string, unknown>>)[name]));
}

/** The changes, and of each alert among them its newest state. An alert is made JSON once. */
export function changesByColumn(changes: readonly Change[]): { readonly changes: ColumnValues; readonly alerts: ColumnValues } {
  const rows = changes.map((change) => ({ ...change, alertId: change.alert.id, alert: JSON.stringify(change.alert) }));
  const newest = new Map(changes.map(({ n, alert }, index) => [alert.id, { ...alert, alertId: alert.id, n, alert: rows[index]!.alert }]));
  return { changes: byColumn(CHANGE_COLUMNS, rows), alerts: byColumn(ALERT_COLUMNS, [...newest.values()]) };
}

/** Alerts without a number of a change: imported ones. */
export function alertsByColumn(alerts: readonly Alert[]): ColumnValues {
  return byColumn(
    ALERT_COLUMNS,
    alerts.map((alert) => ({ ...alert, alertId: alert.id, n: 0, alert: JSON.stringify(alert) })),
  );
}

export function daysByColumn(days: readonly DayCount[]): ColumnValues {
  return byColumn(DAY_COLUMNS, days);
}

export function worksByColumn(works: readonly WorkRow[]): ColumnValues {
  return byColumn(WORK_COLUMNS, works);
}

export function quarantinedByColumn(rows: readonly Quarantined[]): ColumnValues {
  return byColumn(QUARANTINE_COLUMNS, rows);
}

function tableSql(name: string, columns: readonly Column[]): string {
  return `CREATE TABLE ${name} (${columns.map((column) => `${sqlName(column.name)} ${column.type}`).join(", ")})`;
}

/** What was copied from the store before this cannot be told from it any more (docs/decisions/0016-trends-thread.md). */
export const MARK_ANEW = `UPDATE store_state SET "mark" = uuid()::VARCHAR`;

/** What each version adds to the one before, from version 1 on. */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [`CREATE TABLE minute_slices ("day" VARCHAR, "rows" BIGINT, "firstAt" BIGINT, "lastAt" BIGINT)`],
  [`ALTER TABLE store_state ADD COLUMN IF NOT EXISTS "mark" VARCHAR`, MARK_ANEW],
  [tableSql("works", WORK_COLUMNS)],
];

/** Everything that an empty file needs, in one transaction. */
export function schemaSql(): string[] {
  return [
    ...enumTypesSql(),
    `CREATE TABLE store_state ("schemaVersion" INTEGER, "journalId" VARCHAR, "offset" BIGINT, "storedReadings" BIGINT, "quarantinedEver" BIGINT)`,
    `INSERT INTO store_state VALUES (${SCHEMA_VERSION}, NULL, 0, 0, 0)`,
    `CREATE TABLE slices ("day" VARCHAR, "rows" BIGINT, "firstAt" BIGINT, "lastAt" BIGINT, "sorted" BOOLEAN)`,
    tableSql("changes", CHANGE_COLUMNS),
    tableSql("alerts", ALERT_COLUMNS),
    tableSql("days", DAY_COLUMNS),
    tableSql("quarantine", QUARANTINE_TABLE),
    ...MIGRATIONS.flat(),
  ];
}

/** Staging tables of the writing connection: rows that replace older ones pass through them. */
export function stagingSql(): string[] {
  return [tableSql("alerts_new", ALERT_COLUMNS), tableSql("days_new", DAY_COLUMNS)].map((sql) =>
    sql.replace("CREATE TABLE", "CREATE TEMP TABLE"),
  );
}
