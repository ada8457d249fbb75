/** Charts as SVG: lines, steps, bars and points over linear or logarithmic axes. Why by hand: docs/decisions/0008-plots.md. Shared by the simulator's plots and the reports. */
import { element, pixels, text, textWidth } from "./svg.ts";

/** Colours that differ in lightness (Okabe and Ito 2008), so that they survive a grey print and common colour blindness. */
export const COLOURS = { blue: "#0072b2", orange: "#d55e00", green: "#009e73", purple: "#8a4f7d", grey: "#7b858c" } as const;
const TEXT = "#1c2125";
const QUIET = "#4f585f";
const GRID = "#e1e5e8";

export type Point = readonly [x: number, y: number];

export interface Series {
  readonly name: string;
  /** Points of `bars` and `steps` begin where x says and are one unit (`width`) wide. Those of an `area` go around it. */
  readonly kind: "line" | "steps" | "bars" | "dots" | "area";
  readonly points: readonly Point[];
  readonly colour: string;
  readonly dash?: string;
  readonly width?: number;
  /** Of dots, one each: shown as a tooltip, and beside the dot where `named` is set and there is room. */
  readonly names?: readonly string[];
  readonly named?: boolean;
}

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Where the axis is marked; round values when left out. */
  readonly ticks?: readonly number[];
  readonly logarithmic?: boolean;
  /** How a tick is written. */
  readonly write?: (value: number) => string;
}

/** A stretch of the x axis that is shaded and named. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/** A horizontal line that nothing should cross. */
export interface Limit {
  readonly at: number;
  readonly name: string;
}

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly bands?: readonly Band[];
  readonly limits?: readonly Limit[];
}

const LEFT = 62;
const RIGHT = 16;
/** Above the panel: its title, and a line with the names of the series where there are several. */
const TITLE = 34;
const KEY = 18;
const BELOW = 46;

/** Panels side by side, `columns` in a row, each of the given size in px. */
export function chart(title: string, panels: readonly Panel[], columns: number, width: number, height: number): string {
  const rows = Math.ceil(panels.length / columns);
  const drawn = panels.map((panel, index) =>
    element(
      "g",
      { transform: `translate(${(index % columns) * width} ${Math.floor(index / columns) * height})` },
      drawPanel(panel, width, height),
    ),
  );
  const size = { width: columns * width, height: rows * height };
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${size.width} ${size.height}`,
      ...size,
      role: "img",
      "font-family": "system-ui, 'Noto Sans', sans-serif",
      "font-size": 12,
    },
    element("title", {}, text(title)),
    element("rect", { ...size, fill: "#ffffff" }),
    ...drawn,
  )}\n`;
}

function drawPanel(panel: Panel, width: number, height: number): string {
  const above = panel.series.length > 1 ? TITLE + KEY : TITLE;
  const [right, bottom] = [width - RIGHT, height - BELOW];
  const x = scale(panel.x, LEFT, right);
  const y = scale(panel.y, bottom, above);
  const clip = { x: LEFT, y: above, width: right - LEFT, height: bottom - above };
  return [
    element("text", { x: LEFT, y: 20, "font-size": 13, "font-weight": 600, fill: TEXT }, text(panel.title)),
    key(panel.series),
    ...(panel.bands ?? []).map((band, index) => drawBand(band, index, x, clip)),
    ...marks(panel.y).map((value) => element("line", { x1: LEFT, x2: right, y1: y(value), y2: y(value), stroke: GRID })),
    ...panel.series.map((series) => draw(series, x, y, bottom)),
    ...(panel.limits ?? []).flatMap(({ at, name }) => [
      element("line", { x1: LEFT, x2: right, y1: y(at), y2: y(at), stroke: COLOURS.orange, "stroke-dasharray": "6 4" }),
      element("text", { x: right - 4, y: y(at) - 4, "font-size": 11, "text-anchor": "end", fill: COLOURS.orange }, text(name)),
    ]),
    element("path", { d: `M${LEFT} ${above}V${bottom}H${right}`, fill: "none", stroke: QUIET }),
    ...marks(panel.y).map((value) => label(written(panel.y, value), LEFT - 6, y(value) + 4, "end")),
    ...marks(panel.x).flatMap((value) => [
      element("line", { x1: x(value), x2: x(value), y1: bottom, y2: bottom + 4, stroke: QUIET }),
      label(written(panel.x, value), x(value), bottom + 17, "middle"),
    ]),
    label(panel.x.label, (LEFT + right) / 2, bottom + 36, "middle"),
    element("g", { transform: `rotate(-90 14 ${pixels((above + bottom) / 2)})` }, label(panel.y.label, 14, (above + bottom) / 2, "middle")),
  ].join("");
}

function draw(series: Series, x: (value: number) => number, y: (value: number) => number, floor: number): string {
  const { kind, points, colour, dash, width = 1 } = series;
  if (kind === "dots") return drawDots(series, x, y);
  if (kind === "area")
    return element("polygon", {
      points: points.map(([at, value]) => `${pixels(x(at))},${pixels(y(value))}`).join(" "),
      fill: colour,
      "fill-opacity": 0.15,
    });
  const stroke = { fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dash, "stroke-linejoin": "round" };
  if (kind === "bars") {
    return points
      .map(([at, value]) => {
        const [left, top] = [x(at) + 0.75, Math.min(y(value), floor)];
        return element("rect", {
          x: left,
          y: top,
          width: x(at + width) - x(at) - 1.5,
          height: floor - top,
          fill: colour,
          "fill-opacity": 0.45,
        });
      })
      .join("");
  }
  const path = (kind === "line" ? withoutFlats(points) : points).map(([at, value], index) => {
    const [left, level] = [pixels(x(at)), pixels(y(value))];
    if (kind === "line") return `${index === 0 ? "M" : "L"}${left} ${level}`;
    return `${index === 0 ? "M" : "L"}${left} ${level}H${pixels(x(at + width))}`;
  });
  return element("path", { ...stroke, d: path.join("") });
}

/** Names stand right of their dots, or left where the panel ends, and are left out where another one is in the way. */
function drawDots(
  { points, colour, names = [], named = false }: Series,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const edge = x(Infinity);
  const taken: { readonly left: number; readonly right: number; readonly y: number }[] = [];
  return points
    .map(([at, value], index) => {
      const [cx, cy, name] = [x(at), y(value), names[index]];
      const dot = element("circle", { cx, cy, r: 3.5, fill: colour }, ...(name === undefined ? [] : [element("title", {}, text(name))]));
      if (name === undefined || !named) return dot;
      const wide = textWidth(name, 11);
      const left = cx + 6 + wide > edge ? cx - 6 - wide : cx + 6;
      const right = left + wide;
      if (taken.some((other) => Math.abs(other.y - cy) < 12 && other.left < right && left < other.right)) return dot;
      taken.push({ left, right, y: cy });
      return dot + element("text", { x: left, y: cy + 4, "font-size": 11, fill: colour }, text(name));
    })
    .join("");
}

/** Leaves out points between two of the same height: most of a lift's life is standing still. */
function withoutFlats(points: readonly Point[]): readonly Point[] {
  return points.filter(([, value], index) => points[index - 1]?.[1] !== value || points[index + 1]?.[1] !== value);
}

function drawBand(
  { from, to, name }: Band,
  index: number,
  x: (value: number) => number,
  clip: { readonly y: number; readonly height: number },
): string {
  const [left, wide] = [x(from), x(to) - x(from)];
  const shade = element("rect", {
    x: left,
    y: clip.y,
    width: wide,
    height: clip.height,
    fill: index % 2 === 0 || name === "" ? "#f1f4f6" : "#e6ebee",
  });
  if (textWidth(name, 11) > wide - 4) return shade;
  return shade + element("text", { x: left + wide / 2, y: clip.y + 14, "font-size": 11, "text-anchor": "middle", fill: QUIET }, text(name));
}

/** What the series are called, in a line under the title; one without a name belongs to another. A single one is named by the axis. */
function key(series: readonly Series[]): string {
  const named = series.filter(({ name }) => name !== "");
  if (series.length < 2) return "";
  let at = LEFT;
  return named
    .map(({ name, kind, colour, dash }) => {
      const sample =
        kind === "bars" || kind === "area"
          ? element("rect", { x: at, y: 30, width: 18, height: 9, fill: colour, "fill-opacity": 0.45 })
          : kind === "dots"
            ? element("circle", { cx: at + 9, cy: 35, r: 3.5, fill: colour })
            : element("line", { x1: at, x2: at + 18, y1: 35, y2: 35, stroke: colour, "stroke-width": 2, "stroke-dasharray": dash });
      const drawn = sample + element("text", { x: at + 23, y: 39, "font-size": 11, fill: TEXT }, text(name));
      at += 23 + textWidth(name, 11) + 18;
      return drawn;
    })
    .join("");
}

function label(content: string, x: number, y: number, anchor: "middle" | "end"): string {
  return element("text", { x, y, "font-size": 11, "text-anchor": anchor, fill: QUIET }, text(content));
}

/** From values to px. What is not above 0 lies at the beginning of a logarithmic axis. */
function scale(axis: Axis, first: number, last: number): (value: number) => number {
  const { from, to, logarithmic = false } = axis;
  const along = logarithmic
    ? (value: number) => Math.log(Math.max(value, from) / from) / Math.log(to / from)
    : (value: number) => (value - from) / (to - from);
  return (value) => first + Math.min(Math.max(along(value), 0), 1) * (last - first);
}

function marks({ from, to, ticks, logarithmic = false }: Axis): readonly number[] {
  if (ticks !== undefined) return ticks;
  if (logarithmic) return Array.from({ length: Math.round(Math.log10(to / from)) + 1 }, (_, power) => from * 10 ** power);
  return roundTicks(from, to);
}

/** About six round values from `from` to `to`. */
export function roundTicks(from: number, to: number): number[] {
  const rough = (to - from) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  return Array.from({ length: Math.floor(to / step + 1e-9) - first + 1 }, (_, index) => (first + index) * step);
}

function written({ write, logarithmic = false }: Axis, value: number): string {
  if (write !== undefined) return write(value);
  return logarithmic && value >= 1_000 ? value.toLocaleString("en") : String(Number(value.toPrecision(10)));
}
