/** Rates with their intervals, one row a unit, worst first: what a ranking has to show instead of bare ranks. */
import { COLOURS, roundTicks } from "../chart.ts";
import { element, fitted, pixels, text } from "../svg.ts";

export interface CaterpillarRow {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Drawn in the colour of what needs a look, and with a filled mark, so that it is told apart without colour too. */
  readonly flagged: boolean;
  /** Written at the end of the row, say "12 in 84 lift-months". */
  readonly note: string;
}

export interface CaterpillarWords {
  readonly title: string;
  readonly x: string;
  /** What the vertical line stands for, say "fleet". */
  readonly reference: string;
}

const WIDTH = 720;
const ROW = 20;
const ABOVE = 56;
const BELOW = 46;
const NAMES = 200;
const NOTES = 180;
const SIZE = 12;
const TEXT = "#1c2125";
const QUIET = "#4f585f";
const GRID = "#e1e5e8";
/** An interval that runs out of the picture ends in an arrow; the axis ends at so many times the greatest value. */
const REACH = 1.6;

/** Rows from top to bottom as given, on one axis from 0, with a line at `reference`. */
export function caterpillar(rows: readonly CaterpillarRow[], words: CaterpillarWords, reference: number): string {
  const size = { width: WIDTH, height: ABOVE + rows.length * ROW + BELOW };
  const [left, right, bottom] = [NAMES, WIDTH - NOTES, ABOVE + rows.length * ROW];
  const most = Math.max(reference * 2, ...rows.map(({ value, high }) => Math.min(high, value * REACH)), 1e-9);
  const x = (value: number) => left + (Math.min(Math.max(value, 0), most) / most) * (right - left);
  const lines = roundTicks(0, most).map((value) => [
    element("line", { x1: x(value), x2: x(value), y1: ABOVE, y2: bottom + 4, stroke: GRID }),
    element(
      "text",
      { x: x(value), y: bottom + 18, "font-size": 11, "text-anchor": "middle", fill: QUIET },
      text(String(Number(value.toPrecision(10)))),
    ),
  ]);
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${size.width} ${size.height}`,
      ...size,
      role: "img",
      "font-family": "system-ui, 'Noto Sans', sans-serif",
      "font-size": SIZE,
    },
    element("title", {}, text(words.title)),
    element("rect", { ...size, fill: "#ffffff" }),
    element("text", { x: 14, y: 20, "font-size": 13, "font-weight": 600, fill: TEXT }, text(words.title)),
    ...lines.flat(),
    element("line", { x1: x(reference), x2: x(reference), y1: ABOVE - 6, y2: bottom, stroke: COLOURS.green, "stroke-width": 1.5 }),
    element(
      "text",
      { x: x(reference), y: ABOVE - 10, "font-size": 11, "text-anchor": "middle", fill: COLOURS.green },
      text(words.reference),
    ),
    ...rows.map((row, index) => drawRow(row, ABOVE + index * ROW + ROW / 2, x, most)),
    element("text", { x: (left + right) / 2, y: bottom + 36, "font-size": 11, "text-anchor": "middle", fill: QUIET }, text(words.x)),
  )}\n`;
}

function drawRow({ name, value, low, high, flagged, note }: CaterpillarRow, y: number, x: (value: number) => number, most: number): string {
  const colour = flagged ? COLOURS.orange : COLOURS.blue;
  const end = x(high);
  return element(
    "g",
    {},
    element("title", {}, text(`${name}: ${note}`)),
    element("text", { x: NAMES - 10, y: y + 4, "text-anchor": "end", fill: TEXT }, text(fitted(name, SIZE, NAMES - 24))),
    element("line", { x1: x(low), x2: end, y1: y, y2: y, stroke: colour, "stroke-width": 2 }),
    ...(high > most
      ? [
          element("path", {
            d: `M${pixels(end - 5)} ${pixels(y - 4)}L${pixels(end)} ${pixels(y)}L${pixels(end - 5)} ${pixels(y + 4)}`,
            fill: "none",
            stroke: colour,
            "stroke-width": 2,
          }),
        ]
      : []),
    element("circle", { cx: x(value), cy: y, r: 4, fill: flagged ? colour : "#ffffff", stroke: colour, "stroke-width": 2 }),
    element("text", { x: WIDTH - NOTES + 10, y: y + 4, "font-size": 11, fill: QUIET }, text(fitted(note, 11, NOTES - 14))),
  );
}
