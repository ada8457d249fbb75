/**
 * Minutes of readings, made by InfluxDB and written back to it, before the readings expire. A minute is rolled up when no plausible
 * reading can come to it any more, so once is enough; doing it again writes the same.
 */
import { LIMITS } from "../../config.ts";
import { PLAUSIBLE_BEHIND_MS } from "../plausible.ts";
import type { Cell } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { minuteLine } from "./lines.ts";
import { READING } from "./schema.ts";
import { sendLines } from "./sending.ts";
import type { InfluxState } from "./state.ts";

/** Fields of a minute after `at`: name, aggregate of readings, suffix of its kind in line protocol. */
export const MINUTE_FIELDS: readonly (readonly [name: string, aggregate: string, suffix: "i" | ""])[] = [
  ["readings", `count("entry")`, "i"],
  ["faults", `count("code")`, "i"],
  ["speedMinMps", `min("speedMps")`, ""],
  ["speedMaxMps", `max("speedMps")`, ""],
  ["personsMax", `max("persons")`, "i"],
  ["loadMaxKg", `max("loadKg")`, ""],
  ["motorTemperatureMaxC", `max("motorTemperatureC")`, ""],
];
export const MINUTE_AGGREGATES = MINUTE_FIELDS.map(([field, aggregate]) => `${aggregate} AS "${field}"`).join(", ");

const MINUTE_MS = 60_000;

export interface RollUpProgress {
  readonly goOn: () => boolean;
  readonly reached: (minutesUntil: number) => void;
}

/** Rolls up everything before `until` (ms) that is final. */
export async function rollUp(connection: Connection, until: number, state: () => InfluxState, progress: RollUpProgress): Promise<void> {
  const final = Math.min(until, state().receivedAt - PLAUSIBLE_BEHIND_MS);
  const end = Math.floor(final / MINUTE_MS) * MINUTE_MS;
  while (progress.goOn()) {
    const begin = await nextReading(connection, state().minutesUntil, end);
    if (begin === null) break;
    const stop = Math.min(begin + LIMITS.influx.rollUpMs, end);
    const statement = `SELECT ${MINUTE_AGGREGATES} FROM ${READING} WHERE time >= ${begin}ms AND time < ${stop}ms GROUP BY time(1m), "liftId" fill(none)`;
    const [table] = await connection.query("readings", [statement], "ms");
    const index = new Map(table!.columns.map((title, at) => [title, at]));
    const cell = (row: readonly Cell[], title: string) => (row[index.get(title) ?? -1] ?? null) as number | null;
    const lines = table!.values.map((row) =>
      minuteLine(
        String(row[index.get("liftId")!]),
        cell(row, "time")!,
        MINUTE_FIELDS.map(([field, , suffix]) => [field, cell(row, field), suffix]),
      ),
    );
    await sendLines(connection, "minutes", lines);
    progress.reached(stop);
  }
  if (progress.goOn() && end > state().minutesUntil) progress.reached(end);
}

/** Begin of the first minute at or after `from` that has readings, or null where none is before `end`. */
async function nextReading(connection: Connection, from: number, end: number): Promise<number | null> {
  if (from >= end) return null;
  const [table] = await connection.query(
    "readings",
    [`SELECT "entry" FROM ${READING} WHERE time >= ${from}ms AND time < ${end}ms LIMIT 1`],
    "ms",
  );
  const first = table!.values[0]?.[0] as number | undefined;
  return first === undefined ? null : Math.floor(first / MINUTE_MS) * MINUTE_MS;
}
