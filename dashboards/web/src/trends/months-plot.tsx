/** A rate by month with its interval as a band. */
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { colour } from "../parts/colour.ts";
import { messages, theme } from "../preferences.ts";
import { monthName, rate, say, tick } from "./words.ts";

export interface MonthPoint {
  /** YYYY-MM */
  readonly month: string;
  readonly value: number | null;
  readonly low: number;
  readonly high: number | null;
}

const HEIGHT = 200;
/** Width that the name of a month takes, px. */
const MONTH_PX = 74;

export function MonthsPlot(props: { readonly title: string; readonly points: readonly MonthPoint[] }) {
  const place = useRef<HTMLDivElement>(null);
  const { points } = props;
  useEffect(() => {
    const host = place.current;
    if (host === null) return undefined;
    const at = points.map((_, index) => index);
    const bounded = points.map(({ value, high, low }) => (value === null ? null : (high ?? low)));
    const lows = points.map(({ value, low }) => (value === null ? null : low));
    const made = new uPlot(options(points, host.clientWidth), [at, lows, bounded, points.map(({ value }) => value)], host);
    const resized = new ResizeObserver(() => made.setSize({ width: host.clientWidth, height: HEIGHT }));
    resized.observe(host);
    const stop = effect(() => {
      // Read, so that it is drawn anew in the other theme's colours, and other words.
      void [theme.value, messages.value];
      made.redraw(false, true);
    });
    // Paper is light, whatever the screen is.
    const paper = matchMedia("print");
    const redraw = () => made.redraw(false, true);
    paper.addEventListener("change", redraw);
    return () => {
      paper.removeEventListener("change", redraw);
      stop();
      resized.disconnect();
      made.destroy();
    };
  }, [points]);
  return <div class="months-plot" role="img" aria-label={`${props.title}. ${described(points)}`} ref={place} />;
}

const quiet = () => colour("--quiet");
const line = () => colour("--line");

function described(points: readonly MonthPoint[]): string {
  const seen = points.flatMap(({ month, value }) => (value === null ? [] : [{ month, value }])).toSorted((a, b) => a.value - b.value);
  const [least, most] = [seen[0], seen.at(-1)];
  if (least === undefined || most === undefined) return "";
  return say.value.rates.plotDescription(seen.length, rate(least.value), monthName(least.month), rate(most.value), monthName(most.month));
}

function options(points: readonly MonthPoint[], width: number): uPlot.Options {
  const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: (_plot, from, to) => [from - 0.4, to + 0.4] },
      y: { range: (_plot, _from, to) => [0, (to || 1) * 1.05] },
    },
    series: [
      {},
      { stroke: line, width: 1, points: { show: false } },
      { stroke: line, width: 1, points: { show: false } },
      // Last, so that the band is drawn below it.
      { stroke: () => colour("--text"), width: 2, points: { show: true, size: 6, fill: () => colour("--text") } },
    ],
    bands: [{ series: [2, 1], fill: line }],
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        splits: (plot) => {
          const every = Math.max(1, Math.ceil((points.length * MONTH_PX) / Math.max(1, plot.width - 60)));
          return points.flatMap((_, index) => (index % every === 0 ? [index] : []));
        },
        values: (_plot, splits) => splits.map((index) => monthName(points[index]?.month ?? "2000-01")),
      },
      { ...axis, size: 56, values: (_plot, splits) => splits.map((value) => tick(value)) },
    ],
  };
}
