/** `import-events`: years of past faults, entrapments, states and work into DATA/history, for trends to reckon with (docs/trends.md). */
import { LIMITS } from "../config.ts";
import { askRunning } from "../control.ts";
import { isTimeZone } from "../core/rules.ts";
import { UsageError } from "../errors.ts";
import { ALL_LIFTS, csvRow, keyOf, type HistoryEvent } from "../history/event.ts";
import { keep, keptHistory } from "../history/kept.ts";
import { readMapping } from "../history/mapping.ts";
import { watchOf } from "../history/watch.ts";
import { readHistory } from "../history/read.ts";
import { describeDefect, loadRegister } from "../register/register.ts";
import { addedLifts } from "./added-lifts.ts";
import { dayName, dayNumber } from "../core/calendar.ts";
import { ZoneDays } from "../trends/facts/zone-days.ts";

export interface ImportEventsFlags {
  readonly data: string;
  readonly map?: string;
  readonly register?: string;
  /** Lifts that the data directory's register lacks are added to it. */
  readonly addLifts?: boolean;
  readonly timezone: string;
  /** Days during which all lifts were under watch, YYYY-MM-DD, inclusive. */
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** @throws UsageError naming every bad row; nothing is written then. */
export async function importEvents(file: string, flags: ImportEventsFlags): Promise<void> {
  if (!isTimeZone(flags.timezone))
    throw new UsageError(`--timezone: expected an IANA time zone such as Asia/Shanghai; found ${flags.timezone}`);
  if (flags.register !== undefined && flags.addLifts === true)
    throw new UsageError("--add-lifts, --register: expected one of the two; with --register a lift that it lacks is a mistake");
  const mapping = flags.map === undefined ? null : readMapping(flags.map);
  const timezone = mapping?.timezone ?? flags.timezone;
  const known = flags.register === undefined ? null : new Set(loadRegister("--register", flags.register).map(({ liftId }) => liftId));
  const read = await readHistory(file, mapping, timezone, known);
  const { events, rows, skipped, repeated, repeatedRows, merged, defects, moreDefects } = read;
  if (defects.length > 0) {
    const more = moreDefects > 0 ? [`${file}: and ${moreDefects} more mistakes`] : [];
    throw new UsageError([...defects.map((defect) => describeDefect(file, defect)), ...more, `${file}: nothing was imported`]);
  }
  const all = new Map([...events, ...watched(events, flags, new ZoneDays(timezone))].map((event) => [keyOf(event), event]));
  const kept = await keptHistory(flags.data);
  const fresh = [...all].filter(([key, event]) => !isSame(kept.get(key), event)).map(([, event]) => event);
  const total = new Set([...kept.keys(), ...all.keys()]).size;
  if (total > LIMITS.history.events)
    throw new UsageError(`${file}: ${total} events with those that are there; expected at most ${LIMITS.history.events}`);
  const lifts = flags.addLifts === true ? addedLifts(file, flags.data, read.lifts) : null;
  await lifts?.write();
  const name = fresh.length === 0 ? null : await keep(flags.data, fresh);
  const answer = name === null ? null : await askRunning(flags.data, "POST", "/api/trends/reload");
  await answer?.json();
  report(
    file,
    {
      rows,
      skipped,
      repeated,
      repeatedRows,
      merged: [...merged],
      short: read.short,
      shortRows: read.shortRows,
      added: lifts?.added ?? null,
      events: all.size,
      fresh: fresh.length,
      name,
      running: answer !== null,
      counts: countsOf(all.values()),
    },
    flags.json === true,
  );
}

function isSame(kept: HistoryEvent | undefined, event: HistoryEvent): boolean {
  return kept !== undefined && csvRow(kept) === csvRow(event);
}

/** @throws UsageError where a flag is no day, or they are not in order. */
function watched(events: readonly HistoryEvent[], { from, to }: ImportEventsFlags, zone: ZoneDays): HistoryEvent[] {
  for (const [flag, day] of [
    ["--from", from],
    ["--to", to],
  ] as const)
    if (day !== undefined && (!DAY.test(day) || dayName(dayNumber(day)) !== day))
      throw new UsageError(`${flag}: expected a day YYYY-MM-DD; found ${day}`);
  const days = { first: from === undefined ? null : dayNumber(from), last: to === undefined ? null : dayNumber(to) };
  try {
    return watchOf(events, days, zone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(
      `--from, --to: expected days in order, and events between them; found ${from ?? "the first event"} to ${to ?? "the last"}`,
    );
  }
}

function countsOf(events: Iterable<HistoryEvent>): { readonly lifts: number; readonly byEvent: Readonly<Record<string, number>> } {
  const lifts = new Set<string>();
  const byEvent: Record<string, number> = {};
  for (const { liftId, event } of events) {
    lifts.add(liftId);
    byEvent[event] = (byEvent[event] ?? 0) + 1;
  }
  lifts.delete(ALL_LIFTS);
  return { lifts: lifts.size, byEvent };
}

interface Outcome {
  readonly rows: number;
  readonly skipped: number;
  readonly repeated: readonly number[];
  readonly repeatedRows: number;
  readonly merged: readonly string[];
  readonly short: readonly number[];
  readonly shortRows: number;
  /** Lifts added to the register; null where nobody asked for it. */
  readonly added: number | null;
  readonly events: number;
  readonly fresh: number;
  /** The kept file; null where there was nothing new. */
  readonly name: string | null;
  readonly running: boolean;
  readonly counts: ReturnType<typeof countsOf>;
}

function report(file: string, outcome: Outcome, json: boolean): void {
  const { rows, skipped, repeated, repeatedRows, merged, short, shortRows, added, events, fresh, name, running, counts } = outcome;
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ file, rows, skipped, repeated: repeatedRows, short: shortRows, merged, ...(added === null ? {} : { added }), events, new: fresh, kept: name, running, ...counts })}\n`,
    );
    return;
  }
  const parts = Object.entries(counts.byEvent).map(([event, count]) => `${count} ${event}`);
  process.stdout.write(
    `${file}: ${rows} rows of ${counts.lifts} lifts; ${parts.join(", ")}${skipped > 0 ? `; ${skipped} rows left out by the mapping` : ""}\n`,
  );
  if (repeatedRows > 0)
    process.stdout.write(
      `${repeatedRows} rows tell again of an event (same lift, event and time) of the file, and the last of them counts: lines ${repeated.join(", ")}${repeatedRows > repeated.length ? " …" : ""}\n`,
    );
  if (shortRows > 0)
    process.stdout.write(
      `${shortRows} rows have fewer cells than the header, and the others were read as empty: lines ${short.join(", ")}${shortRows > short.length ? " …" : ""}\n`,
    );
  if (added !== null)
    process.stdout.write(
      `${added} lifts were added to the register; serve knows them from its next start${running ? ": the running program does not yet" : ""}\n`,
    );
  for (const words of merged) process.stdout.write(`${words}: if these are two lifts, give them ids of their own\n`);
  const when = running ? "the running program reckons with them now" : "trends reckon with them from the next start";
  process.stdout.write(
    name === null ? "all of them were there already; nothing was written\n" : `${fresh} are new, kept as history/${name}; ${when}\n`,
  );
}
