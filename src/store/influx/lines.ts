/** Rows as line protocol. Tags are what tools group by; everything else is a field, with the name and the unit that it has everywhere. */
import { CHANNELS } from "../../core/reading.ts";
import type { Alert } from "../../core/effects.ts";
import { CHANNEL_FIELDS } from "../columns.ts";
import { HEAD_CELLS } from "../packing.ts";
import type { PackedReadings } from "../packing.ts";
import { CHANGE_COLUMNS, DAY_COLUMNS, QUARANTINE_COLUMNS, WORK_COLUMNS } from "../tables.ts";
import type { ColumnValues } from "../tables.ts";
import type { Cell } from "./answers.ts";
import { ALERT, CHANGE, DAY, MINUTE, QUARANTINE, READING, STRAY, WORK } from "./schema.ts";

/** A tag's value as it is stored: line protocol has no way to write some characters in one. */
export function tagValue(text: string): string {
  return text.replaceAll(/[\\\p{Cc}]/gu, "_");
}

/** … and as it stands in a line. It must not be empty. */
export function tag(text: string): string {
  return tagValue(text).replaceAll(/[,= ]/g, String.raw`\$&`);
}

function string(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** A time as line protocol has it, ns since the epoch: whole ms and a place of 0 to 999,999 within it. */
export function nanoseconds(ms: number, place: number): string {
  return place === 0 ? `${ms}000000` : `${ms}${String(place).padStart(6, "0")}`;
}

/** Makes lines of a piece's rows: of the one that begins at cell `start`, at `time` (ns). A stray one carries its device time as a field. */
export function readingLines({ cells, strings }: PackedReadings): (start: number, time: string, stray: boolean) => string {
  // A string is in many rows, and is made fit for a line once.
  const tags: string[] = [];
  const quoted: string[] = [];
  // Joined, a line is one string; added to piece by piece it is a tree of some twenty, which the collector has to carry about.
  return (start, time, stray) => {
    const code = cells[start + 1]!;
    const channel = code & 7;
    const index = cells[start + 3]!;
    const lift = cells[start]!;
    const parts: (string | number)[] = [
      stray ? STRAY : READING,
      ",channel=",
      CHANNELS[channel]!,
      ",liftId=",
      (tags[lift] ??= tag(strings[lift]!)),
    ];
    parts.push(" entry=", cells[start + 2]!);
    if (index !== 0) parts.push("i,index=", index);
    parts.push("i,receivedAt=", cells[start + 4]!, "i,seq=", cells[start + 6]!);
    if (stray) parts.push("i,at=", cells[start + 5]!);
    parts.push(code > 7 ? "i,late=true" : "i");
    const mask = cells[start + 7]!;
    let cursor = start + HEAD_CELLS;
    for (const field of CHANNEL_FIELDS[channel]!) {
      if ((mask & (1 << field.bit)) === 0) continue;
      const value = cells[cursor++]!;
      parts.push(",", field.name);
      if (field.type === "VARCHAR") parts.push("=", (quoted[value] ??= string(strings[value]!)));
      else if (field.type === "ENUM") parts.push('="', field.values[value]!, '"');
      else if (field.type === "BOOLEAN") parts.push(value === 1 ? "=true" : "=false");
      else if (field.type === "DOUBLE") parts.push("=", value);
      // Null is a number that cannot be told: that it was said is kept by a field of its own.
      else if (Number.isNaN(value)) parts.push("Known=false");
      else parts.push("=", value, "i");
    }
    parts.push(" ", time);
    return parts.join("");
  };
}

const REJECTED = new RegExp(
  String.raw`^(?:${READING}|${STRAY}),channel=(\w+),liftId=((?:\\.|[^ ])+) entry=(\d+)i(?:,index=(\d+)i)?,receivedAt=(\d+)i`,
);

/** What a line of readings says of where it came from; null for other lines. */
export function originOf(line: string) {
  const found = REJECTED.exec(line);
  if (found === null) return null;
  const [, channel = "", liftId = "", entry, index, receivedAt] = found;
  return { topic: `lifts/${liftId}/${channel}`, entry: Number(entry), index: Number(index ?? 0), receivedAt: Number(receivedAt) };
}

function rowsOf(columns: readonly { readonly name: string }[], values: ColumnValues): Record<string, Cell>[] {
  const count = values[0]?.length ?? 0;
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(columns.map(({ name }, index) => [name, values[index]![row] as Cell])),
  );
}

/** Gives a row its time (ns): at `ms`, or where `key`, which no other row of its measurement has, may tell it apart. */
export type RowTime = (ms: number, key: number) => string;

/** What tells readings, and what was rejected, apart; a payload has at most 500. */
export function readingKey(entry: number, index: number): number {
  return entry * 500 + index;
}

export function changeLines(values: ColumnValues, next: RowTime): string[] {
  return rowsOf(CHANGE_COLUMNS, values).map((row) => {
    const alert = JSON.parse(String(row["alert"])) as Alert;
    const { district, firm } = alert.lift;
    const tags = `${district === null || district === "" ? "" : `,district=${tag(district)}`}${firm === null || firm === "" ? "" : `,firm=${tag(firm)}`}`;
    const told = [
      row["by"] === null ? "" : `,by=${string(String(row["by"]))}`,
      row["note"] === null ? "" : `,note=${string(String(row["note"]))}`,
    ].join("");
    return (
      `${CHANGE}${tags},hazard=${tag(alert.hazard)},liftId=${tag(alert.liftId)} n=${String(row["n"])}i,seq=${String(row["seq"])}i,at=${String(row["at"])}i,` +
      `change=${string(String(row["change"]))},priority=${string(alert.priority)},evidence=${string(alert.evidence)},state=${string(alert.state)},` +
      `alertId=${string(alert.id)},alert=${string(String(row["alert"]))}${told} ${next(Number(row["at"]), Number(row["n"]))}`
    );
  });
}

/** The newest state of an alert. */
export interface AlertRow {
  readonly alertId: string;
  readonly n: number;
  readonly liftId: string;
  readonly hazard: string;
  readonly state: string;
  readonly raisedAt: number;
  readonly alert: string;
}

export function alertLine(row: AlertRow, time: string): string {
  return (
    `${ALERT},hazard=${tag(row.hazard)},liftId=${tag(row.liftId)} n=${row.n}i,raisedAt=${row.raisedAt}i,state=${string(row.state)},` +
    `alertId=${string(row.alertId)},alert=${string(row.alert)} ${time}`
  );
}

/** Day counts as of entry `version`; `time` gives the day's time. */
export function dayLines(values: ColumnValues, version: number, time: (day: string) => string): string[] {
  return rowsOf(DAY_COLUMNS, values).map(({ day, liftId, ...counts }) => {
    const fields = Object.entries(counts).map(([field, count]) => `,${field}=${String(count)}i`);
    return `${DAY},liftId=${tag(String(liftId))} day=${string(String(day))},version=${version}i${fields.join("")} ${time(String(day))}`;
  });
}

export function workLines(values: ColumnValues, next: RowTime): string[] {
  return rowsOf(WORK_COLUMNS, values).map(({ entry, at, liftId, work, by, note }) => {
    const words = note === null ? "" : `,note=${string(String(note))}`;
    const fields = `entry=${String(entry)}i,at=${String(at)}i,by=${string(String(by))}${words}`;
    return `${WORK},liftId=${tag(String(liftId))},work=${tag(String(work))} ${fields} ${next(Number(at), Number(entry))}`;
  });
}

export function quarantineLines(values: ColumnValues, next: RowTime): string[] {
  return rowsOf(QUARANTINE_COLUMNS, values).map((row) => {
    const texts = ["topic", "source", "path", "message", "excerpt"].map((field) => `,${field}=${string(String(row[field]))}`);
    const numbers = `entry=${String(row["entry"])}i,index=${String(row["index"])}i,receivedAt=${String(row["receivedAt"])}i`;
    return `${QUARANTINE},reason=${tag(String(row["reason"]))} ${numbers}${texts.join("")} ${next(Number(row["receivedAt"]), readingKey(Number(row["entry"]), Number(row["index"])))}`;
  });
}

/** A minute of a lift: cells as MINUTE_COLUMNS has them, null where there is none. */
export function minuteLine(liftId: string, at: number, fields: readonly (readonly [string, number | null, "i" | ""])[]): string {
  const known = fields.filter(([, value]) => value !== null).map(([field, value, suffix]) => `${field}=${value}${suffix}`);
  return `${MINUTE},liftId=${tag(liftId)} ${known.join(",")} ${nanoseconds(at, 0)}`;
}
