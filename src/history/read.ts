/** Reads records of the past, row by row, whatever is wrong with them: every bad row is named, and the others are read all the same. */
import { createReadStream } from "node:fs";
import { Readable, pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { CsvError, parse } from "csv-parse";
import { LIMITS } from "../config.ts";
import { LIFT_ID } from "../core/lift.ts";
import { UsageError } from "../errors.ts";
import type { Defect } from "../register/text.ts";
import { ALL_LIFTS, HISTORY_EVENTS, keyOf, TIME_COLUMNS } from "./event.ts";
import type { HistoryColumn, HistoryEvent, HistoryEventName } from "./event.ts";
import { headerOf, type Flaw, type Header, type LiftCell } from "./header.ts";
import { OUR_COLUMNS, type LIFT_COLUMNS, type Mapping } from "./mapping.ts";
import { hintAt, timeReader, type ReadTime } from "./times.ts";

/** Lines of repeated rows that are named. */
const REPEATED = 20;
/** A time of another zone may seem to be to come. */
const SPARE_MS = 86_400_000;

export interface ReadHistory {
  /** Rows below the header. */
  readonly rows: number;
  /** Rows that the mapping leaves out. */
  readonly skipped: number;
  readonly events: HistoryEvent[];
  /** Lines of rows that tell of an event (lift, event, time) of which a row before them tells; of more than REPEATED the first. */
  readonly repeated: readonly number[];
  readonly repeatedRows: number;
  /** Ids that were written in more than one way, where `replaceInIds` made them one: in words. */
  readonly merged: ReadonlySet<string>;
  /** Lifts that rows tell of, and what they say of each last (the mapping's `lifts`). */
  readonly lifts: ReadonlyMap<string, LiftTold>;
  /** Rows with fewer cells than the header, whose other cells are read as empty; the lines of the first of them. */
  readonly shortRows: number;
  readonly short: readonly number[];
  readonly defects: readonly Defect[];
  /** Defects beyond LIMITS.history.defects. */
  readonly moreDefects: number;
}

/** Columns of the register. */
export type LiftTold = Partial<Record<(typeof LIFT_COLUMNS)[number], string>>;

/**
 * @param mapping null for our own columns, or those of a simulated history.
 * @param timezone of local times where the mapping names none.
 * @param known ids that a lift may have; null for any.
 * @param now ms: what is more than a day later has not happened.
 * @throws UsageError where the file cannot be read at all.
 */
export async function readHistory(
  file: string,
  mapping: Mapping | null,
  timezone: string,
  known: ReadonlySet<string> | null = null,
  now = Date.now(),
): Promise<ReadHistory> {
  if (/\.xlsx?$/i.test(file)) throw new UsageError(`${file}: is a workbook; expected CSV: save its sheet as "CSV UTF-8"`);
  const events: HistoryEvent[] = [];
  const defects: Defect[] = [];
  const repeated: number[] = [];
  const told = new Set<string>();
  const merged = new Set<string>();
  const short: number[] = [];
  const lifts = new Map<string, LiftTold>();
  let shortRows = 0;
  let [rows, skipped, moreDefects, repeatedRows] = [0, 0, 0, 0];
  const flaw = (line: number, column: string | null, expected: string, found: string) => {
    if (defects.length < LIMITS.history.defects)
      defects.push({ line, column, severity: "error", expected, found: found === "" ? "nothing" : found.slice(0, 200) });
    else moreDefects += 1;
  };
  let reader: ReturnType<typeof rowReader> | null = null;
  let width = 0;
  const { delimiter, encoding } = mapping ?? OUR_COLUMNS;
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: LIMITS.history.recordChars,
  });
  const lines = { count: 1 };
  const source = Readable.from(decoded(file, encoding, lines), { objectMode: false });
  pipeline(source, parser, () => undefined);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const line = info.lines;
      if (reader === null) {
        const header = headerOf(record, mapping, line, flaw);
        if (header === null) break;
        reader = rowReader(header, header.mapping.timezone ?? timezone, { known, merged, lifts, latest: now + SPARE_MS, flaw });
        width = header.width;
        continue;
      }
      rows += 1;
      if (record.length < width && ++shortRows <= REPEATED) short.push(line);
      const found = reader(record, line);
      if (found === "skip") skipped += 1;
      else
        for (const event of found) {
          events.push(event);
          const key = keyOf(event);
          if (!told.has(key)) told.add(key);
          else if (++repeatedRows <= REPEATED) repeated.push(line);
        }
      if (events.length > LIMITS.history.events) {
        flaw(line, null, `at most ${LIMITS.history.events} events in all`, "more");
        break;
      }
    }
  } catch (error) {
    if (error instanceof CsvError) flaw((error as { lines?: number }).lines ?? 1, null, "CSV", error.message);
    else if (error instanceof TypeError)
      flaw(
        lines.count,
        null,
        `text in ${encoding}; another encoding is named in --map (encoding: gb18030, utf-16le …)`,
        "bytes that are none",
      );
    else throw new UsageError(`${file}: cannot be read (${(error as Error).message})`);
  } finally {
    source.destroy();
  }
  if (reader === null && defects.length === 0) flaw(1, null, "a header", "an empty file");
  return {
    rows,
    skipped,
    events: mapping?.untilNext === true ? lastingUntilNext(events) : events,
    repeated,
    repeatedRows,
    merged,
    lifts,
    shortRows,
    short,
    defects,
    moreDefects,
  };
}

async function* decoded(file: string, encoding: string, lines: { count: number }): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const bytes = createReadStream(file);
  const whole: AsyncIterable<Buffer> = file.endsWith(".gz") ? pipeline(bytes, createGunzip(), () => undefined) : bytes;
  for await (const part of whole) {
    const text = decoder.decode(part, { stream: true });
    yield text;
    lines.count += text.split("\n").length - 1;
  }
  yield decoder.decode();
}

interface Reading {
  readonly known: ReadonlySet<string> | null;
  readonly merged: Set<string>;
  readonly lifts: Map<string, LiftTold>;
  /** No time is after it, ms. */
  readonly latest: number;
  readonly flaw: Flaw;
}

/** Makes a row events, of each lift that it names one; none where something is wrong with it. */
function rowReader(
  { mapping, columns, lifts: liftCells, rules, width }: Header,
  timezone: string,
  { known: lifts, merged, lifts: told, latest, flaw }: Reading,
) {
  const readTime = timeReader(mapping.timeFormat, timezone);
  const empty = new Set(mapping.empty);
  const cellOf = (cells: readonly string[], place: number) => {
    const text = cells[place] ?? "";
    return empty.has(text) ? "" : text;
  };
  const textOf = (cells: readonly string[], column: HistoryColumn) => {
    const places = columns.get(column);
    if (places === undefined) return "";
    return places.length === 1
      ? cellOf(cells, places[0]!)
      : places
          .map((place) => cellOf(cells, place))
          .join(" ")
          .trim();
  };
  /** Ids as they were written, by what they became. */
  const written = new Map<string, string>();
  return (cells: readonly string[], line: number): readonly HistoryEvent[] | "skip" => {
    let right = true;
    const wrong = (column: string, expected: string, found: string) => {
      right = false;
      flaw(line, column, expected, found);
    };
    if (cells.slice(width).some((cell) => cell !== ""))
      wrong("(row)", `${width} columns, as the header has (quotes around a cell with a separator in it)`, `${cells.length}`);
    const name = eventOf(cells, rules, textOf(cells, "event"), mapping, wrong);
    if (name === "skip") return "skip";
    const { liftIdSeparator } = mapping;
    const ids = textOf(cells, "liftId");
    const liftIds = (liftIdSeparator === undefined ? [ids] : ids.split(liftIdSeparator)).map((one) => {
      const id = one.trim();
      const liftId = mapping.replaceInIds ? id.replaceAll(/[^A-Za-z0-9_-]/g, "_") : id;
      const column = theirs(mapping, "liftId");
      if (!LIFT_ID.test(liftId) && !(liftId === ALL_LIFTS && name === "observed"))
        wrong(column, `1 to 64 of A-Z a-z 0-9 _ -${idHint(id, mapping)}`, id);
      else if (lifts !== null && liftId !== ALL_LIFTS && !lifts.has(liftId)) wrong(column, "a lift of the register", id);
      const other = written.get(liftId);
      if (other === undefined) written.set(liftId, id);
      else if (other !== id) merged.add(`${JSON.stringify(other)} and ${JSON.stringify(id)} are both ${liftId}`);
      return liftId;
    });
    const times = timesOf((column) => textOf(cells, column), readTime, latest, mapping, wrong);
    const code = textOf(cells, "code");
    if (code.length > 16) wrong(theirs(mapping, "code"), "at most 16 characters", code);
    const note = textOf(cells, "note").slice(0, LIMITS.history.noteChars);
    const own = liftOf((place) => cellOf(cells, place), liftCells, wrong);
    if (!right || name === null || times === null) return [];
    for (const liftId of liftIds) if (liftId !== ALL_LIFTS) told.set(liftId, { ...told.get(liftId), ...own });
    return liftIds.map((liftId) => ({ liftId, event: name, ...times, code, note }));
  };
}

/** What a row says of its lift; empty cells say nothing. */
function liftOf(cellOf: (place: number) => string, cells: readonly LiftCell[], wrong: Wrong): LiftTold {
  const own: LiftTold = {};
  for (const { column, theirs: name, index, values } of cells) {
    const text = cellOf(index);
    const value = values === null ? text : values.get(text);
    if (text !== "" && value === undefined) wrong(name, `one of ${[...values!.keys()].join(", ")}`, text);
    else if (text !== "" && value !== undefined) own[column] = value;
  }
  return own;
}

/** Several lifts in a cell, or ids of other characters. */
function idHint(id: string, { liftIdSeparator, replaceInIds }: Mapping): string {
  const [separator] = liftIdSeparator === undefined ? (/[,;/、，；&+]/.exec(id) ?? []) : [];
  if (separator !== undefined) return `; several lifts in a cell are told apart by liftIdSeparator: ${JSON.stringify(separator)} in --map`;
  return id === "" || replaceInIds ? "" : "; replaceInIds: true in --map makes _ of other characters";
}

type Wrong = (column: string, expected: string, found: string) => void;

function theirs(mapping: Mapping, column: HistoryColumn): string {
  return mapping.columns[column]?.join(" + ") ?? column;
}

function eventOf(
  cells: readonly string[],
  rules: Header["rules"],
  own: string,
  mapping: Mapping,
  wrong: Wrong,
): HistoryEventName | "skip" | null {
  if (rules.length > 0) {
    for (const { when, event } of rules)
      if (when.every(([index, values]) => values.has(cells[index] ?? ""))) return event as HistoryEventName | "skip";
    const columns = [...new Set(mapping.events.flatMap(({ when }) => Object.keys(when)))];
    const found = [...new Set(rules.flatMap(({ when }) => when.map(([index]) => index)))].map((index) => cells[index] ?? "");
    wrong(columns.join(" + "), "values that one of the mapping's `events` takes", found.join(" + "));
    return null;
  }
  const found = HISTORY_EVENTS.find((event) => event === own);
  if (found === undefined) wrong(theirs(mapping, "event"), `one of ${HISTORY_EVENTS.join(", ")}`, own);
  return found ?? null;
}

const UNITS_MS = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

type Times = Pick<HistoryEvent, (typeof TIME_COLUMNS)[number]>;

function timesOf(
  textOf: (column: HistoryColumn) => string,
  readTime: ReadTime,
  latest: number,
  mapping: Mapping,
  wrong: Wrong,
): Times | null {
  const times: Record<string, number | null> = {};
  let right = true;
  for (const column of TIME_COLUMNS) {
    const text = textOf(column);
    if (column === "until" && mapping.untilAfter !== undefined) {
      const lasted = durationOf(text, mapping.untilAfter);
      if (lasted === null && text !== "") {
        right = false;
        wrong(theirs(mapping, column), `how long it lasted, in ${mapping.untilAfter}, 0 or more`, text);
      }
      const since = times["at"] ?? null;
      times[column] = lasted === null || since === null ? null : since + lasted;
      continue;
    }
    const time = text === "" ? null : readTime(text);
    if (time === null && (text !== "" || column === "at")) {
      right = false;
      wrong(
        theirs(mapping, column),
        mapping.timeFormat === "iso" ? `a time, ISO 8601${hintAt(text)}` : `a time as ${mapping.timeFormat}`,
        text,
      );
    }
    times[column] = time;
  }
  const at = times["at"] ?? null;
  for (const column of TIME_COLUMNS) {
    const time = times[column] ?? null;
    if (time !== null && time > latest) {
      right = false;
      wrong(theirs(mapping, column), "a time that is not in the future", textOf(column));
    }
    if (time === null || at === null || time >= at) continue;
    right = false;
    wrong(theirs(mapping, column), `a time not before ${theirs(mapping, "at")} (${textOf("at")})`, textOf(column));
  }
  return right ? (times as unknown as Times) : null;
}

/** A number of units; or hours and minutes, with seconds if need be: 1:30, 26:05:10. */
function durationOf(text: string, unit: keyof typeof UNITS_MS | "h:mm"): number | null {
  if (unit !== "h:mm") return /^\d+(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * UNITS_MS[unit]) : null;
  const [, hours, minutes, seconds = "0"] = /^(\d{1,5}):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? [];
  return hours === undefined ? null : ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}

/** Each lasts until the lift's next; one that tells again what the last one told goes on with it. */
function lastingUntilNext(events: readonly HistoryEvent[]): HistoryEvent[] {
  const byLift = new Map<string, HistoryEvent[]>();
  for (const event of events) {
    const own = byLift.get(event.liftId);
    if (own === undefined) byLift.set(event.liftId, [event]);
    else own.push(event);
  }
  const result: HistoryEvent[] = [];
  for (const own of byLift.values()) {
    const inOrder = own.toSorted((a, b) => a.at - b.at);
    let last: HistoryEvent | null = null;
    for (const event of inOrder) {
      if (last !== null && last.event === event.event) continue;
      if (last !== null) result.push({ ...last, until: last.until ?? event.at });
      last = event;
    }
    if (last !== null) result.push(last);
  }
  return result;
}
