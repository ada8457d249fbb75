/** The picture of a score: a row for each lift, what was there above, what was told below. Self-contained SVG (docs/scoring.md). Pure. */
import { HAZARD_NAMES } from "../hazard-names.ts";
import { element, fitted, text, textWidth } from "../svg.ts";
import { isCutOff, type Period } from "./figures.ts";
import { INK, alertMark, eventMark, legend } from "./marks.ts";
import type { AlertOutcome, EventOutcome, Matching } from "./matching.ts";
import { rowsOf, type Row } from "./rows.ts";
import { ticks } from "./ticks.ts";
import { WORDS, type Language } from "./words.ts";

const WIDTH = 1_400;
const LEFT = 214;
const RIGHT = 24;
/** Of one track of events, and of alerts; space about the tracks of a row. */
const EVENT_TRACK = 14;
const ALERT_TRACK = 13;
const PADDING = 7;
/** What overlaps lies in tracks below each other; what needs more of them than this lies in the last one. */
const TRACKS = 4;
const TOP = 118;
const SMALL = 11;
/** Height of the words where there is no row. */
const EMPTY = 34;
/** Shortest bar, px, so that an event of seconds shows in a day. */
const SHORTEST = 3;
/** Space between a mark and its words, and between the words and the next mark. */
const GAP = 5;

/** @param matching what lies in the period only. @param timezone IANA name, for the axis. */
export function timelineSvg(matching: Matching, period: Period, language: Language, timezone: string): string {
  const words = WORDS[language];
  const { rows, rest } = rowsOf(matching);
  const spanMs = Math.max(1, period.to - period.from);
  const x = (at: number): number => LEFT + Math.min(Math.max((at - period.from) / spanMs, 0), 1) * (WIDTH - LEFT - RIGHT);
  const laid = rows.map((row) => layRow(row, period, x, language));
  const tops: number[] = [];
  let bottom = TOP;
  for (const { height } of laid) {
    tops.push(bottom);
    bottom += height;
  }
  if (rows.length === 0) bottom += EMPTY;
  const height = bottom + (rest === null ? 0 : 28) + 34;
  const parts = [
    element("title", {}, text(words.title)),
    element("rect", { width: WIDTH, height, fill: "#ffffff" }),
    element("text", { x: 16, y: 30, "font-size": 18, "font-weight": 600, fill: INK.text }, text(words.title)),
    element("text", { x: 16, y: 50, "font-size": 12, fill: INK.quiet }, text(words.summary(summaryOf(matching), timezone))),
    legend(words, 16, 74),
    axis(period, timezone, language, x, bottom),
    ...laid.map((row, index) => drawRow(row, tops[index] ?? TOP, index)),
  ];
  if (rows.length === 0) parts.push(element("text", { x: LEFT, y: TOP + 22, "font-size": 13, fill: INK.quiet }, text(words.nothing)));
  if (rest !== null) parts.push(element("text", { x: 16, y: bottom + 42, "font-size": 12, fill: INK.quiet }, text(words.rest(rest))));
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      role: "img",
      "xml:lang": language === "zh" ? "zh-CN" : "en",
      "font-family": "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
    },
    ...parts,
  );
}

/** The same as a page. */
export function timelinePage(svg: string, language: Language): string {
  const { title } = WORDS[language];
  const style = "body{margin:0;background:#fff}svg{display:block;max-width:100%;height:auto}";
  return `<!doctype html><html lang="${language === "zh" ? "zh-CN" : "en"}"><head><meta charset="utf-8"><title>${text(title)}</title><style>${style}</style></head><body>${svg}</body></html>\n`;
}

interface Summary {
  readonly events: number;
  readonly missed: number;
  readonly alerts: number;
  readonly wrong: number;
}

function summaryOf({ events, alerts }: Matching): Summary {
  return {
    events: events.length,
    missed: events.filter(({ found }) => found === null).length,
    alerts: alerts.filter(({ alert }) => alert.pagedAt !== null).length,
    wrong: alerts.filter(({ verdict }) => verdict === "false").length,
  };
}

function axis(period: Period, timezone: string, language: Language, x: (at: number) => number, bottom: number): string {
  const parts = ticks(period, timezone, language).flatMap(({ at, label }) => [
    element("line", { x1: x(at), x2: x(at), y1: TOP - 4, y2: bottom, stroke: INK.grid }),
    element("text", { x: x(at), y: TOP - 10, "font-size": SMALL, fill: INK.quiet, "text-anchor": "middle" }, text(label)),
    element("text", { x: x(at), y: bottom + 16, "font-size": SMALL, fill: INK.quiet, "text-anchor": "middle" }, text(label)),
  ]);
  return element("g", {}, ...parts);
}

/** A row with its marks in their places, but for the height. */
interface LaidRow {
  readonly row: Row;
  readonly events: readonly (readonly Drawn[])[];
  readonly alerts: readonly (readonly Drawn[])[];
  readonly height: number;
}

function layRow(row: Row, period: Period, x: (at: number) => number, language: Language): LaidRow {
  const words = WORDS[language];
  const names = HAZARD_NAMES[language];
  const event = (outcome: EventOutcome): Drawn => {
    const [from, to] = [x(outcome.event.from), Math.max(x(outcome.event.to), x(outcome.event.from) + SHORTEST)];
    const missed = outcome.found === null;
    const mark = (y: number): string => titled(eventMark(from, to, y, missed, isCutOff(outcome, period)), words.event(outcome));
    return { from, to, name: names[outcome.event.hazard], matters: missed, mark };
  };
  const alert = ({ alert: told, verdict }: AlertOutcome): Drawn => {
    const from = x(told.pagedAt ?? told.detectedAt);
    const to = Math.max(from, x(told.clearedAt ?? period.to));
    const matters = verdict === "false" || verdict === "confused";
    const mark = (y: number): string => titled(alertMark(from, to, y, verdict), words.alert(told, verdict));
    return { from: from - 5, to: Math.max(to, from + 6), name: names[told.hazard], matters, mark };
  };
  const [events, alerts] = [tracksOf(row.events.map(event)), tracksOf(row.alerts.map(alert))];
  return { row, events, alerts, height: PADDING + events.length * EVENT_TRACK + alerts.length * ALERT_TRACK };
}

/** What does not overlap shares a track; there is at least one. */
function tracksOf(drawn: readonly Drawn[]): Drawn[][] {
  const tracks: Drawn[][] = [[]];
  for (const one of drawn.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const free = tracks.find((track) => (track.at(-1)?.to ?? 0) <= one.from);
    if (free !== undefined) free.push(one);
    else if (tracks.length < TRACKS) tracks.push([one]);
    else tracks.at(-1)?.push(one);
  }
  return tracks;
}

function drawRow({ row, events, alerts, height }: LaidRow, top: number, index: number): string {
  const label = fitted(row.liftId, 12, LEFT - 34 - (row.left > 0 ? 34 : 0)) + (row.left > 0 ? ` +${row.left}` : "");
  const first = top + PADDING / 2;
  const below = first + events.length * EVENT_TRACK;
  return element(
    "g",
    {},
    element("rect", { x: 0, y: top, width: WIDTH, height, fill: index % 2 === 0 ? "#f4f6f7" : "none", "fill-opacity": 0.7 }),
    element(
      "text",
      { x: 16, y: top + 21, "font-size": 12, fill: INK.text, "font-weight": row.troubles > 0 ? 600 : undefined },
      element("title", {}, text(row.liftId)),
      text(label),
    ),
    ...events.flatMap((track, place) => drawTrack(track, first + place * EVENT_TRACK + 1, 9, true)),
    ...alerts.flatMap((track, place) => drawTrack(track, below + place * ALERT_TRACK + ALERT_TRACK / 2, 4, false)),
  );
}

/** Something drawn from `from` to `to`, px, and its name. */
interface Drawn {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  /** Missed, false or confused: drawn last, so on top, and always named. */
  readonly matters: boolean;
  readonly mark: (y: number) => string;
}

/** Marks at a height, and their names (`baseline` below it) where there is room up to the next mark; of `all`, or of what matters. */
function drawTrack(drawn: readonly Drawn[], y: number, baseline: number, all: boolean): string[] {
  const marks = drawn.toSorted((a, b) => Number(a.matters) - Number(b.matters)).map(({ mark }) => mark(y));
  let reached = LEFT;
  for (const [index, { from, to, name, matters }] of drawn.entries()) {
    const free = (drawn[index + 1]?.from ?? WIDTH - GAP) - to - 2 * GAP;
    const width = textWidth(name, SMALL);
    const fill = matters ? INK.missed : INK.quiet;
    if (all || matters) {
      if (width <= free) {
        marks.push(element("text", { x: to + GAP, y: y + baseline, "font-size": SMALL, fill }, text(name)));
        reached = to + GAP + width;
        continue;
      }
      if (from - GAP - width > reached + GAP)
        marks.push(element("text", { x: from - GAP, y: y + baseline, "font-size": SMALL, fill, "text-anchor": "end" }, text(name)));
    }
    reached = Math.max(reached, to);
  }
  return marks;
}

function titled(mark: string, title: string): string {
  return element("g", {}, element("title", {}, text(title)), mark);
}
