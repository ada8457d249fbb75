/**
 * The plots of reports, as SVG texts that need no script and no other resource. Pure: figures from src/trends in, markup out, the same bytes
 * for the same figures. Every word is the caller's, in either language, and is escaped.
 */
import type { Point, Series } from "../chart.ts";
import { chart, COLOURS } from "../chart.ts";
import type { RateChart } from "../trends/control-charts.ts";
import type { CumulativePoint } from "../trends/cumulative.ts";
import type { Funnel } from "../trends/funnel.ts";
import { FUNNEL_INNER, FUNNEL_OUTER, funnelLimits } from "../trends/funnel.ts";

const WIDTH = 720;
const HEIGHT = 380;
/** Points of a curve: smooth at this width. */
const STEPS = 120;
/** Room above the greatest value. */
const HEADROOM = 1.08;
/** Limits of a funnel run up without bound where exposure is small; the axis ends at so many times the greatest rate or the target. */
const TALLEST = 1.3;
const LEAST_TALL = 3;

interface Words {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

export interface FunnelWords extends Words {
  readonly within: string;
  readonly above: string;
  readonly below: string;
  readonly limit95: string;
  readonly limit998: string;
  readonly target: string;
}

/** Each unit's rate against its exposure, with the limits that chance and dispersion leave. `nameOf` gives a unit's name. */
export function funnelPlot(funnel: Funnel, words: FunnelWords, nameOf: (key: string) => string): string {
  const { points, target } = funnel;
  const most = Math.max(1e-9, ...points.map(({ exposure }) => exposure)) * HEADROOM;
  const top = Math.max(LEAST_TALL * target, TALLEST * Math.max(0, ...points.map(({ rate }) => rate))) || 1;
  const along = Array.from({ length: STEPS }, (_, step) => (most * (step + 1) ** 2) / STEPS ** 2);
  const limit = (confidence: number, side: "low" | "high"): Point[] =>
    along.map((exposure) => [exposure, funnelLimits(funnel, exposure, confidence)[side]]);
  const curves = ([FUNNEL_INNER, FUNNEL_OUTER] as const).flatMap((confidence): Series[] => {
    const name = confidence === FUNNEL_OUTER ? words.limit998 : words.limit95;
    const style = { kind: "line", colour: COLOURS.grey, ...(confidence === FUNNEL_OUTER ? {} : { dash: "5 4" }) } as const;
    return [
      { ...style, name, points: within(limit(confidence, "high"), top) },
      { ...style, name: "", points: limit(confidence, "low") },
    ];
  });
  const dots = (name: string, colour: string, out: "very-high" | "very-low" | undefined): Series => {
    const chosen = points.filter(({ place }) => (place.startsWith("very") ? place : undefined) === out);
    return {
      kind: "dots",
      name,
      colour,
      points: chosen.map(({ exposure, rate }) => [exposure, rate]),
      names: chosen.map(({ key }) => nameOf(key)),
      named: out !== undefined,
    };
  };
  const units = [
    dots(words.within, COLOURS.blue, undefined),
    dots(words.above, COLOURS.orange, "very-high"),
    dots(words.below, COLOURS.purple, "very-low"),
  ];
  const centre: Series = {
    kind: "line",
    name: words.target,
    colour: COLOURS.green,
    points: [
      [0, target],
      [most, target],
    ],
  };
  const panel = {
    title: words.title,
    x: { label: words.x, from: 0, to: most },
    y: { label: words.y, from: 0, to: top },
    series: [...curves, centre, ...units],
  };
  return chart(words.title, [panel], 1, WIDTH, HEIGHT);
}

/** A curve from where it comes below `top`: above it there would be a line along the edge. */
function within(points: readonly Point[], top: number): readonly Point[] {
  return points.filter(([, value]) => value <= top);
}

export interface RateWords extends Words {
  readonly rate: string;
  readonly limits: string;
  readonly centre: string;
  readonly out: string;
}

/** Laney's chart: one point a period, its limits as steps, periods outside them marked. `periods` names them, in order. */
export function rateChartPlot({ centre, points }: RateChart, words: RateWords, periods: readonly string[]): string {
  const seen = points.flatMap((point, index) => (point.rate === undefined ? [] : [{ ...point, rate: point.rate, at: index + 0.5 }]));
  const top = HEADROOM * Math.max(1e-9, ...seen.flatMap(({ rate, high }) => [rate, high]));
  const steps = (side: "low" | "high"): Point[] => seen.map((point) => [point.at - 0.5, point[side]]);
  const names = (out: boolean) => seen.filter((point) => (point.out !== undefined) === out);
  const dots = (out: boolean): Series => ({
    kind: "dots",
    name: out ? words.out : words.rate,
    colour: out ? COLOURS.orange : COLOURS.blue,
    points: names(out).map(({ at, rate }) => [at, rate]),
    names: names(out).map(({ at }) => periods[Math.floor(at)] ?? ""),
    named: out,
  });
  const series: Series[] = [
    { kind: "steps", name: words.limits, colour: COLOURS.grey, dash: "5 4", points: steps("high") },
    { kind: "steps", name: "", colour: COLOURS.grey, dash: "5 4", points: steps("low") },
    {
      kind: "line",
      name: words.centre,
      colour: COLOURS.green,
      points: [
        [0, centre],
        [points.length, centre],
      ],
    },
    { kind: "line", name: "", colour: COLOURS.blue, points: seen.map(({ at, rate }) => [at, rate]) },
    dots(false),
    dots(true),
  ];
  const every = Math.max(1, Math.ceil(points.length / 12));
  const ticks = points.flatMap((_, index) => (index % every === 0 ? [index + 0.5] : []));
  const x = { label: words.x, from: 0, to: Math.max(1, points.length), ticks, write: (value: number) => periods[Math.floor(value)] ?? "" };
  return chart(words.title, [{ title: words.title, x, y: { label: words.y, from: 0, to: top }, series }], 1, WIDTH, HEIGHT);
}

/** Mean cumulative functions by age, each with its interval as an area; ages with fewer than `least` lifts under observation are left out. */
export function lifePlot(
  curves: readonly { readonly name: string; readonly points: readonly CumulativePoint[] }[],
  words: Words,
  least = 1,
): string {
  const colours = Object.values(COLOURS);
  const seen = curves.map(({ name, points }) => ({ name, points: points.filter(({ lifts }) => lifts >= least) }));
  const all = seen.flatMap(({ points }) => points);
  const [first, last] = [Math.min(Infinity, ...all.map(({ age }) => age)), Math.max(0, ...all.map(({ age }) => age))];
  const series = seen.flatMap(({ name, points }, index): Series[] => {
    const colour = colours[index % colours.length] ?? COLOURS.blue;
    const around: Point[] = [
      ...points.map(({ age, high }): Point => [age, high]),
      ...points.toReversed().map(({ age, low }): Point => [age, low]),
    ];
    return [
      { kind: "area", name: "", colour, points: around },
      { kind: "line", name, colour, points: points.map(({ age, mean }) => [age, mean]) },
    ];
  });
  const x = { label: words.x, from: Number.isFinite(first) ? first : 0, to: Math.max(last, first === Infinity ? 1 : first + 1) };
  const y = { label: words.y, from: 0, to: HEADROOM * Math.max(1e-9, ...all.map(({ high }) => high)) };
  return chart(words.title, [{ title: words.title, x, y, series }], 1, WIDTH, HEIGHT);
}
