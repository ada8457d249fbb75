/**
 * Rows that were imported, in InfluxDB. They stand in the second half of a ms, apart from those of the journal, whose places are a function
 * of the journal alone; and only those are written that are not there, so that twice is once.
 */
import { afterRow, saidBy } from "../packing.ts";
import type { PackedReadings } from "../packing.ts";
import { isPlausible } from "../plausible.ts";
import type { ImportRequest } from "../protocol.ts";
import { CHANGE_COLUMNS, DAY_COLUMNS, WORK_COLUMNS } from "../tables.ts";
import type { ColumnValues } from "../tables.ts";
import { alertTime } from "./alert-slots.ts";
import type { AlertSlots } from "./alert-slots.ts";
import type { Connection } from "./connection.ts";
import { changeLines, dayLines, nanoseconds, readingLines, tagValue, workLines } from "./lines.ts";
import { askOne } from "./parts.ts";
import { parseTime, PLACES } from "./places.ts";
import { ALERT, DAY, quote, READING, STRAY, WORK } from "./schema.ts";
import { sendLines } from "./sending.ts";

const FIRST_PLACE = PLACES / 2;
const DAY_MS = 86_400_000;

export interface Importer {
  /** Readings that were not there; `first` is the earliest plausible device time among them, Infinity for none. */
  readings(pieces: readonly PackedReadings[]): Promise<{ readonly added: number; readonly first: number }>;
  rows(request: ImportRequest): Promise<number>;
}

interface Row {
  readonly piece: PackedReadings;
  readonly start: number;
  readonly key: string;
  readonly at: number;
  readonly receivedAt: number;
}

export function createImporter(connection: Connection, slots: AlertSlots, dayTime: (day: string) => number, era: () => number): Importer {
  return {
    async readings(pieces) {
      const lifts = byLift(pieces);
      const lines: string[] = [];
      let first = Infinity;
      for (const [liftId, all] of lifts) {
        for (const stray of [false, true]) {
          const rows = all.filter(({ at, receivedAt }) => isPlausible(at, receivedAt) !== stray);
          if (rows.length === 0) continue;
          const known = await there(liftId, rows, stray);
          for (const row of rows) {
            if (known.keys.has(row.key)) continue;
            known.keys.add(row.key);
            const ms = stray ? row.receivedAt : row.at;
            const place = (known.places.get(ms) ?? FIRST_PLACE - 1) + 1;
            known.places.set(ms, place);
            lines.push(readingLines(row.piece)(row.start, nanoseconds(ms, place), stray));
            if (!stray) first = Math.min(first, row.at);
          }
        }
      }
      await sendLines(connection, "readings", lines);
      return { added: lines.length, first };
    },
    async rows({ alerts, changes, days, works }) {
      const added = alerts === null ? 0 : await importAlerts(alerts, changes);
      return added + (days === null ? 0 : await importDays(days)) + (works === null ? 0 : await importWorks(works));
    },
  };

  /** What a lift has in the stretch of these rows: which readings, and the last place of imported ones in each ms. */
  async function there(liftId: string, rows: readonly Row[], stray: boolean) {
    const times = rows.map(({ at, receivedAt }) => (stray ? receivedAt : at));
    const [from, to] = times.reduce(([least, most], time) => [Math.min(least, time), Math.max(most, time)], [Infinity, 0]);
    // A stray's own time may be later than its receipt, where several came at once.
    const end = stray ? to + 1_000 : to + 1;
    const [table] = await connection.query(
      "readings",
      [
        `SELECT "channel", "seq", "boot", "entry"${stray ? ', "at"' : ""} FROM ${stray ? STRAY : READING} WHERE "liftId" = ${quote(tagValue(liftId))} AND time >= ${from}ms AND time < ${end}ms`,
      ],
      "rfc3339",
    );
    const column = (title: string) => table!.columns.indexOf(title);
    const [time, channel, seq, boot, entry, at] = ["time", "channel", "seq", "boot", "entry", "at"].map(column) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const keys = new Set<string>();
    const places = new Map<number, number>();
    for (const row of table!.values) {
      const { ms, place } = parseTime(String(row[time]));
      keys.add(`${String(row[channel])} ${stray ? String(row[at]) : ms} ${String(row[seq])} ${String(row[boot] ?? "")}`);
      if ((row[entry] as number) < 0) places.set(ms, Math.max(places.get(ms) ?? 0, place));
    }
    return { keys, places };
  }

  async function importAlerts(alerts: ColumnValues, changes: ColumnValues | null): Promise<number> {
    const [ids, raisedAt] = [alerts[0] as string[], alerts[5] as number[]];
    const [from, to] = raisedAt
      .map(alertTime)
      .reduce(([least, most], time) => [Math.min(least, time), Math.max(most, time)], [Infinity, 0]);
    const table = await askOne(
      connection,
      "keep",
      `SELECT "alertId", "hazard" FROM ${ALERT} WHERE time >= ${from}ms AND time < ${to + 1}ms`,
    );
    const known = new Set(table.values.map((row) => String(row[table.columns.indexOf("alertId")])));
    const isNew = ids.map((id) => !known.has(id));
    const count = isNew.filter(Boolean).length;
    if (count === 0) return 0;
    const newIds = new Set(ids.filter((_, row) => isNew[row]));
    // The changes first: an alert that is there has its history.
    if (changes !== null) await sendLines(connection, "keep", changeLinesOf(changes, newIds));
    const rows = alerts.map((column) => column.filter((_, row) => isNew[row]));
    await sendLines(connection, "keep", await slots.lines(rows, era()));
    return count;
  }

  async function importDays(days: ColumnValues): Promise<number> {
    const [names, lifts] = [days[0] as string[], days[1] as string[]];
    const times = names.map((day) => Date.parse(day));
    const [from, to] = times.reduce(([least, most], time) => [Math.min(least, time), Math.max(most, time)], [Infinity, 0]);
    const where = `WHERE time >= ${from - 2 * DAY_MS}ms AND time < ${to + 2 * DAY_MS}ms`;
    const table = await askOne(connection, "keep", `SELECT "day", "liftId" FROM ${DAY} ${where}`);
    const [day, lift] = ["day", "liftId"].map((title) => table.columns.indexOf(title)) as [number, number];
    const known = new Set(table.values.map((row) => `${String(row[day])} ${String(row[lift])}`));
    const isNew = names.map((name, row) => !known.has(`${name} ${tagValue(String(lifts[row]))}`));
    const rows = DAY_COLUMNS.map((_, column) => days[column]!.filter((_value, row) => isNew[row]));
    // Before any version and era of the journal's own counts, which replace it.
    const lines = dayLines(rows, 0, (name) => nanoseconds(dayTime(name), 0));
    await sendLines(connection, "keep", lines);
    return lines.length;
  }

  /** A lift's work of one kind at one time is one, and stands in a series of its own. */
  async function importWorks(works: ColumnValues): Promise<number> {
    const [times, lifts, kinds] = [works[1] as number[], works[2] as string[], works[3] as string[]];
    const [from, to] = times.reduce(([least, most], time) => [Math.min(least, time), Math.max(most, time)], [Infinity, 0]);
    const where = `WHERE time >= ${from}ms AND time < ${to + 1_000}ms`;
    const table = await askOne(connection, "keep", `SELECT "at", "liftId", "work" FROM ${WORK} ${where}`);
    const [at, lift, kind] = ["at", "liftId", "work"].map((title) => table.columns.indexOf(title)) as [number, number, number];
    const known = new Set(table.values.map((row) => `${String(row[at])} ${String(row[lift])} ${String(row[kind])}`));
    const isNew = times.map((time, row) => {
      const key = `${time} ${tagValue(String(lifts[row]))} ${String(kinds[row])}`;
      return !known.has(key) && known.add(key).has(key);
    });
    const rows = WORK_COLUMNS.map((_, column) => works[column]!.filter((_value, row) => isNew[row]));
    const lines = workLines(rows, (ms) => nanoseconds(ms, FIRST_PLACE));
    await sendLines(connection, "keep", lines);
    return lines.length;
  }
}

function changeLinesOf(changes: ColumnValues, alertIds: ReadonlySet<string>): string[] {
  const id = CHANGE_COLUMNS.findIndex(({ name }) => name === "alertId");
  const wanted = changes[id]!.map((alertId) => alertIds.has(String(alertId)));
  const rows = changes.map((column) => column.filter((_, row) => wanted[row]));
  // By their numbers, which follow one another: the same place whatever else is imported with them.
  return changeLines(rows, (ms, n) => nanoseconds(ms, FIRST_PLACE + (((n % FIRST_PLACE) + FIRST_PLACE) % FIRST_PLACE)));
}

function byLift(pieces: readonly PackedReadings[]): ReadonlyMap<string, Row[]> {
  const lifts = new Map<string, Row[]>();
  for (const piece of pieces) {
    const { cells, strings } = piece;
    for (let index = 0, start = 0; index < piece.count; index++, start = afterRow(cells, start)) {
      const liftId = strings[cells[start]!]!;
      const [at, receivedAt] = [cells[start + 5]!, cells[start + 4]!];
      const { channel, boot } = saidBy(piece, start);
      const row: Row = { piece, start, at, receivedAt, key: `${channel} ${at} ${cells[start + 6]!} ${boot}` };
      const known = lifts.get(liftId);
      if (known === undefined) lifts.set(liftId, [row]);
      else known.push(row);
    }
  }
  return lifts;
}
