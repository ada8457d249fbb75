/** How many faults lifts have in a year, and when, against the distributions that they should follow. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { dayOf, dayStart, monthOf, yearOf } from "../faults/calendar.ts";
import type { ChanceEvent } from "../faults/chance-event.ts";
import { drawDays } from "../faults/history.ts";
import { ENTRAPMENTS, RATE_SHAPE, STOPPING_FAULTS } from "../faults/rates.ts";
import { COLOURS, chart } from "../../src/chart.ts";
import type { Panel, Point } from "../../src/chart.ts";
import type { Plot } from "./plot.ts";

const FROM = Date.parse("2026-01-01T00:00:00+08:00");
const HOUR_MS = 3_600_000;
const MONTHS = ["J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D"];
/** Shares of lifts below this are not shown: less than one lift in a city. */
const LEAST_SHARE = 1e-5;

/** Years drawn: one has too few entrapments to tell how they are spread over lifts. */
const YEARS = 5;

/** All years together; a car counts once for each. */
export interface Years {
  /** Passenger and freight lifts in service from the beginning, times years. */
  readonly carYears: number;
  readonly episodes: Counted;
  readonly entrapments: Counted;
  /** Episodes by hour of the day and by month. */
  readonly byHour: readonly number[];
  readonly byMonth: readonly number[];
}

export interface Counted {
  readonly total: number;
  /** So many cars had n in a year. */
  readonly lifts: readonly number[];
  readonly mean: number;
  readonly variance: number;
}

/** Years of chance, without signals. Episodes are entrapments and stopping faults; what a repair leaves behind is not counted again. */
export function drawYears(fleet: readonly LiftRecord[], seed: number): Years {
  const cars = new Set<number>();
  for (const [index, lift] of fleet.entries()) if (isCar(lift)) cars.add(index);
  const [byHour, byMonth] = [zeros(24), zeros(12)];
  const episodes = new Tally(cars);
  const entrapments = new Tally(cars);
  for (const { at: dayAt, events } of drawDays(fleet, seed, { from: FROM, years: YEARS, faultsOnly: true })) {
    const day = dayOf(dayAt);
    const year = yearOf(day);
    for (const event of events) {
      if (!cars.has(event.lift) || !isEpisode(event)) continue;
      episodes.add(event.lift, year);
      if (event.kind === "entrapment") entrapments.add(event.lift, year);
      const hour = Math.floor((event.at - dayStart(day)) / HOUR_MS);
      byHour[hour] = (byHour[hour] ?? 0) + 1;
      byMonth[monthOf(day)] = (byMonth[monthOf(day)] ?? 0) + 1;
    }
  }
  return { carYears: cars.size * YEARS, episodes: episodes.counted(), entrapments: entrapments.counted(), byHour, byMonth };
}

function isCar({ kind, inService, installedOn }: LiftRecord): boolean {
  const stands = installedOn === undefined || Date.parse(installedOn) <= FROM;
  return (kind === "passenger" || kind === "freight") && inService !== false && stands;
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}

/** Events of each car in each year. */
class Tally {
  readonly #cars: ReadonlySet<number>;
  readonly #counts = new Map<string, number>();

  constructor(cars: ReadonlySet<number>) {
    this.#cars = cars;
  }

  add(car: number, year: number): void {
    const key = `${car} ${year}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  counted(): Counted {
    const carYears = this.#cars.size * YEARS;
    const lifts = [carYears - this.#counts.size];
    let [total, squares] = [0, 0];
    for (const count of this.#counts.values()) {
      lifts[count] = (lifts[count] ?? 0) + 1;
      total += count;
      squares += count * count;
    }
    const mean = total / carYears;
    return { total, lifts: Array.from(lifts, (number) => number ?? 0), mean, variance: squares / carYears - mean * mean };
  }
}

function isEpisode({ kind }: ChanceEvent): boolean {
  return kind === "entrapment" || kind === "stopping-fault";
}

/** Probability of n events when each lift's rate is Gamma distributed with shape k about the mean; k of Infinity is Poisson. */
export function negativeBinomial(mean: number, k: number, n: number): number {
  let probability = k === Number.POSITIVE_INFINITY ? Math.exp(-mean) : (k / (k + mean)) ** k;
  for (let count = 0; count < n; count++) {
    probability *= k === Number.POSITIVE_INFINITY ? mean / (count + 1) : ((count + k) / (count + 1)) * (mean / (k + mean));
  }
  return probability;
}

/** Estimate of k by the method of moments; Infinity where the counts are no more dispersed than Poisson's. */
export function dispersion({ mean, variance }: Counted): number {
  return variance > mean ? (mean * mean) / (variance - mean) : Number.POSITIVE_INFINITY;
}

export function faultCounts(years: Years): Plot {
  const panel = (title: string, count: Counted): Panel => {
    const most = Math.max(4, count.lifts.length - 1);
    const shares = (of: (n: number) => number): Point[] =>
      Array.from({ length: most + 1 }, (_, n) => [n - 0.5, of(n)] as const).filter(([, share]) => share >= LEAST_SHARE);
    const dots = (of: (n: number) => number): Point[] => shares(of).map(([n, share]) => [n + 0.5, share] as const);
    return {
      title,
      x: { label: "in a year, of one lift", from: -0.5, to: most + 0.5, ticks: Array.from({ length: most + 1 }, (_, n) => n) },
      y: {
        label: "share of lift-years",
        from: LEAST_SHARE,
        to: 1,
        logarithmic: true,
        write: (value) => (value >= 0.01 ? `${value * 100} %` : `${Number((value * 100).toPrecision(2))} %`),
      },
      series: [
        { name: "simulated", kind: "bars", colour: COLOURS.blue, points: shares((n) => (count.lifts[n] ?? 0) / years.carYears) },
        {
          name: `negative binomial, k = ${RATE_SHAPE}`,
          kind: "dots",
          colour: COLOURS.orange,
          points: dots((n) => negativeBinomial(count.mean, RATE_SHAPE, n)),
        },
        {
          name: "Poisson",
          kind: "line",
          colour: COLOURS.grey,
          dash: "3 3",
          points: dots((n) => negativeBinomial(count.mean, Number.POSITIVE_INFINITY, n)),
        },
      ],
    };
  };
  const { episodes, entrapments, carYears } = years;
  return {
    name: "fault-counts",
    title: "Faults of a lift in a year",
    svg: chart(
      "How many stopping faults and entrapments lifts have in a year, and the negative binomial distribution",
      [panel("Stopping faults, entrapments among them", episodes), panel("Entrapments", entrapments)],
      2,
      560,
      330,
    ),
    says:
      `${YEARS} years of ${(carYears / YEARS).toLocaleString("en")} cars in service: ${episodes.total.toLocaleString("en")} stopping faults, ${episodes.mean.toFixed(3)} a lift-year (calibration ${STOPPING_FAULTS}), ` +
      `k by moments ${dispersion(episodes).toFixed(2)}; ${entrapments.total.toLocaleString("en")} entrapments, ${entrapments.mean.toFixed(4)} a lift-year (calibration ${ENTRAPMENTS}), k by moments ` +
      `${dispersion(entrapments).toFixed(2)}. Dots: the negative binomial distribution of the same mean and k = ${RATE_SHAPE}; broken line: Poisson, which has far too few bad lifts. The scale is logarithmic. ` +
      "With so few entrapments their k is the less certain one. Repeats of a fault whose repair did not hold are not counted here.",
  };
}

export function faultTimes({ byHour, byMonth, episodes }: Years): Plot {
  const percents = (counts: readonly number[]): Point[] => counts.map((count, place) => [place, (100 * count) / episodes.total] as const);
  const window = (first: number): number => (100 * ((byHour[first] ?? 0) + (byHour[first + 1] ?? 0))) / episodes.total;
  const bars = { name: "simulated", kind: "bars" as const, colour: COLOURS.blue };
  const [morning, evening] = [window(8), window(18)];
  return {
    name: "fault-times",
    title: "When faults happen",
    svg: chart(
      "Stopping faults by hour of the day and by month",
      [
        {
          title: "By hour of the day",
          x: { label: "hour of the day", from: 0, to: 24, ticks: [0, 4, 8, 12, 16, 20, 24] },
          y: { label: "% of all", from: 0, to: 10 },
          bands: [
            { from: 8, to: 10, name: "" },
            { from: 18, to: 20, name: "" },
          ],
          series: [{ ...bars, points: percents(byHour) }],
        },
        {
          title: "By month",
          x: {
            label: "month",
            from: 0,
            to: 12,
            ticks: MONTHS.map((_, month) => month + 0.5),
            write: (month) => MONTHS[Math.floor(month)] ?? "",
          },
          y: { label: "% of all", from: 0, to: 14 },
          bands: [{ from: 5, to: 9, name: "" }],
          series: [{ ...bars, points: percents(byMonth) }],
        },
      ],
      2,
      560,
      260,
    ),
    says: `The same years. The shaded hours have ${morning.toFixed(1)} % and ${evening.toFixed(1)} % of the day's faults (calibration: 12 to 18 % each); June to September are high.`,
  };
}
