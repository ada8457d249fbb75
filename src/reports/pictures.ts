/** The plots of a report from its document: control chart, funnel of firms, rates with intervals. */
import { laneyChart } from "../trends/control-charts.ts";
import { funnel } from "../trends/funnel.ts";
import { caterpillar } from "./caterpillar.ts";
import type { Groups, Report } from "./document.ts";
import { funnelPlot, rateChartPlot } from "./plots.ts";
import { nameOf, type Words } from "./words.ts";

/** Rows of a plot of rates; the rest is in the table. */
const ROWS = 20;
/** A funnel of fewer firms says no more than the table. */
const LEAST_FIRMS = 5;

/** SVG texts by the table that they stand with. */
export function picturesOf(report: Report, words: Words): Map<string, readonly string[]> {
  const pictures = new Map<string, readonly string[]>([["chart", chartOf(report, words)]]);
  for (const groups of report.groups) {
    const drawn = groups.by === "firm" ? funnelOf(groups, words) : ratesOf(groups, words);
    if (drawn.length > 0) pictures.set(groups.by, drawn);
  }
  return pictures;
}

function chartOf({ chart: { points, bucket } }: Report, words: Words): string[] {
  const { plots } = words;
  const made = laneyChart(points.map(({ episodes, liftMonths }) => ({ events: episodes, exposure: liftMonths })));
  if (points.length < 2) return [];
  const title = plots.chart(plots.buckets[bucket]);
  const names = points.map(({ name }) => (bucket === "month" ? name.slice(2) : bucket === "week" ? name.slice(5) : name.slice(5)));
  return [rateChartPlot(made, { ...plots, title, x: "", y: plots.perLiftMonth }, names)];
}

/** Of the twelve months: the same units, and so the same limits, as those of the places in the table. */
function funnelOf({ rows }: Groups, words: Words): string[] {
  const { plots } = words;
  const units = rows.flatMap(({ key, year }) =>
    year.fair === null ? [] : [{ key: key ?? words.unknown, events: year.episodes, exposure: year.fair.expected }],
  );
  if (units.length < LEAST_FIRMS) return [];
  return [funnelPlot(funnel(units), { ...plots, title: plots.funnel, x: plots.expected, y: plots.ratio }, (key) => key)];
}

function ratesOf({ by, rows }: Groups, words: Words): string[] {
  const { plots } = words;
  const [episodes, liftMonths] = [sum(rows.map(({ year }) => year.episodes)), sum(rows.map(({ year }) => year.liftMonths))];
  if (rows.length < 2 || episodes === 0) return [];
  const section = by as keyof Words["dimensions"];
  const drawn = rows.slice(0, ROWS).map(({ key, year }) => ({
    name: nameOf(words, by, key),
    value: year.rate ?? 0,
    low: year.rateLow,
    high: year.rateHigh ?? Infinity,
    flagged: year.flagged,
    note: plots.note(year.episodes, year.liftMonths),
  }));
  const title = plots.rates(words.dimensions[section]);
  return [caterpillar(drawn, { title, x: plots.perLiftMonth, reference: plots.fleet }, episodes / liftMonths)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
