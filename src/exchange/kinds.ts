/** What is exported and imported: kinds of rows and their columns, the same whichever store they are of (docs/operating.md). */
import { z } from "zod";
import { type Alert, alertSchema, CHANGE_KINDS, type Change, type DayCount, type StoredReading, type WorkRow } from "../core/effects.ts";
import { WORKS } from "../core/entry.ts";
import { LIFT_ID } from "../core/lift.ts";
import { CHANNELS, readingSchemas } from "../core/reading.ts";
import { type Column, FIELD_COLUMNS, READING_COLUMNS } from "../store/columns.ts";
import { DAY_COLUMNS, QUARANTINE_COLUMNS, WORK_COLUMNS } from "../store/tables.ts";

/** `trends` joins here: a kind, its columns, and where its rows come from (rows.ts). */
export const KINDS = ["readings", "alerts", "days", "works", "quarantine"] as const;
export type Kind = (typeof KINDS)[number];
/** Those that can be imported: what was rejected is no history. */
export const IMPORTED = ["readings", "alerts", "days", "works"] as const;
export type ImportedKind = (typeof IMPORTED)[number];

/** A row as it stands in a file; what is absent is null. */
export type Row = Readonly<Record<string, unknown>>;

const text = (name: string): Column => ({ name, type: "VARCHAR" });
const whole = (name: string): Column => ({ name, type: "BIGINT" });

/** What people sort and count by, and in `alert` and `changes`, as JSON, all that there is. */
const ALERT_FIELDS: readonly Column[] = [
  ...["alertId", "liftId", "hazard", "priority", "evidence", "state"].map(text),
  { name: "acknowledged", type: "BOOLEAN" },
  ...["raisedAt", "detectedAt", "clearedAt", "occurrences"].map(whole),
  ...["suppressedBy", "groupId", "district", "building", "firm", "alert", "changes"].map(text),
];

/** Enumerations are text in a file. */
const plain = (columns: readonly Column[]): Column[] =>
  columns.map(({ name, type }) => ({ name, type: type === "ENUM" ? "VARCHAR" : type }));

export const COLUMNS: Readonly<Record<Kind, readonly Column[]>> = {
  readings: plain(READING_COLUMNS),
  alerts: ALERT_FIELDS,
  days: DAY_COLUMNS,
  works: WORK_COLUMNS,
  quarantine: QUARANTINE_COLUMNS,
};

export function readingRow({ reading, ...head }: StoredReading): Row {
  const { persons } = reading as { readonly persons?: number | null };
  return { ...head, ...reading, personsKnown: persons === undefined ? null : persons !== null };
}

export function alertRow(alert: Alert, changes: readonly Change[]): Row {
  const { id, lift, ...rest } = alert;
  return { ...rest, ...lift, alertId: id, alert: JSON.stringify(alert), changes: JSON.stringify(changes) };
}

/** Rows of a file bear no number of a journal that is here: theirs go far below every number of ours, in their own order. */
const BELOW = 2 ** 52;
const below = (number: number): number => (number > 0 ? number - BELOW : number);

const liftId = z.string().regex(LIFT_ID, "expected 1 to 64 of A-Z a-z 0-9 _ -");
const time = z.int().min(0);
const count = z.int().min(0);
const day = z.iso.date();
const headSchema = z.object({
  liftId,
  channel: z.enum(CHANNELS),
  late: z.boolean(),
  entry: z.int(),
  index: z.int().min(0).max(499),
  receivedAt: time,
});
const daySchema = z.strictObject({
  day,
  liftId,
  inServiceMs: count,
  readings: count,
  faults: count,
  stoppingFaults: count,
  entrapments: count,
  trips: count,
}) satisfies z.ZodType<DayCount>;
const workSchema = z.object({
  entry: z.int(),
  at: time,
  liftId,
  work: z.enum(WORKS),
  by: z.string(),
  note: z
    .string()
    .nullish()
    .transform((note) => note ?? null),
});
const changeSchema = z.object({
  n: z.int(),
  seq: z.int(),
  at: time,
  change: z.enum(CHANGE_KINDS),
  by: z.string().nullable(),
  note: z.string().nullable(),
  alert: alertSchema,
});

export interface ImportedAlert {
  readonly alert: Alert;
  readonly changes: readonly Change[];
}

export type Imported = StoredReading | DayCount | WorkRow | ImportedAlert;

/** What is wrong with a row: the first thing that is. */
export interface RowProblem {
  readonly column: string;
  readonly found: unknown;
  readonly expected: string;
}

/** A row as it was before the export; or what is wrong with it. */
export function importedOf(kind: ImportedKind, row: Row): Imported | { readonly problem: RowProblem } {
  const unknown = Object.keys(row).find((name) => !COLUMNS[kind].some((column) => column.name === name));
  if (unknown !== undefined)
    return { problem: { column: unknown, found: row[unknown], expected: `one of ${COLUMNS[kind].map(({ name }) => name).join(", ")}` } };
  if (kind === "readings") return importedReading(row);
  if (kind === "days") return checked(daySchema, row, row);
  if (kind === "works") return importedWork(row);
  return importedAlert(row);
}

function importedReading(row: Row): StoredReading | { readonly problem: RowProblem } {
  const head = checked(headSchema, row, row);
  if ("problem" in head) return head;
  const fields: Record<string, unknown> = Object.fromEntries(
    ["at", "seq", ...FIELD_COLUMNS.map(({ name }) => name)].flatMap((name) =>
      row[name] === null || row[name] === undefined ? [] : [[name, row[name]]],
    ),
  );
  if (row["personsKnown"] === false) fields["persons"] = null;
  const reading = checked(readingSchemas[head.channel].strict() as z.ZodType<StoredReading["reading"]>, fields, row);
  if ("problem" in reading) return reading;
  return { ...head, entry: below(head.entry), reading };
}

function importedWork(row: Row): WorkRow | { readonly problem: RowProblem } {
  const work = checked<WorkRow>(workSchema, row, row);
  return "problem" in work ? work : { ...work, entry: below(work.entry) };
}

function importedAlert(row: Row): ImportedAlert | { readonly problem: RowProblem } {
  const alert = checked(alertSchema, json(row["alert"]), row, "alert");
  if ("problem" in alert) return alert;
  if (alert.id !== row["alertId"]) return { problem: { column: "alertId", found: row["alertId"], expected: alert.id } };
  const changes = checked(z.array(changeSchema), json(row["changes"] ?? "[]"), row, "changes");
  if ("problem" in changes) return changes;
  return { alert, changes: changes.map((change) => ({ ...change, n: below(change.n), seq: below(change.seq) })) };
}

function json(value: unknown): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return undefined;
  }
}

function checked<T extends object>(schema: z.ZodType<T>, value: unknown, row: Row, inside?: string): T | { readonly problem: RowProblem } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.code === "unrecognized_keys" ? [issue.keys[0] ?? ""] : (issue?.path ?? []);
  const column = inside ?? String(path[0] ?? "");
  return {
    problem: {
      column,
      found: row[column],
      expected: [inside === undefined ? "" : path.join("."), issue?.message].filter(Boolean).join(": "),
    },
  };
}
