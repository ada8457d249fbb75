/**
 * `npm run forecast -- FILE.csv [--map MAP.yaml] [--timezone ZONE] [--lifts PART-OF-ID] [--without MONTHS]`: are shrunk rates better than raw ones? Each lift's rate
 * is estimated from the first half of a history's months and judged by the second half, which it has not seen: the logarithm of the probability
 * that it gave to the episodes that came (log score, higher is better). FILE is what `hoistway
 * import-events` takes; `--without 2014-07,2015-01` leaves out months in which nobody kept records, though the states before them seem to go on.
 */
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { dayName } from "../src/core/calendar.ts";
import { Facts } from "../src/trends/facts/facts.ts";
import { takeRecords } from "../src/trends/facts/records.ts";
import { readMapping } from "../src/history/mapping.ts";
import { readHistory } from "../src/history/read.ts";
import { watchOf } from "../src/history/watch.ts";
import { episodeStarts, withinDispersion } from "../src/trends/episodes.ts";
import type { Counted } from "../src/trends/fault-rate.ts";
import { logGamma } from "../src/trends/gamma.ts";
import { normalQuantile } from "../src/trends/normal.ts";
import { shrink } from "../src/trends/shrinkage.ts";
import { recurrence } from "../src/trends/up-time.ts";

const DAY_MS = 86_400_000;
const MONTH_DAYS = 365.25 / 12;
/** Half an event more, so that a lift without any is not said to be impossible to fail: the usual mend, without which raw rates score −∞. */
const RAW_MEND = 0.5;

/** Months of one lift: faults, episodes and lift-months in service. */
export interface LiftMonths {
  readonly key: string;
  readonly faults: Float64Array;
  readonly episodes: Float64Array;
  readonly exposure: Float64Array;
  readonly timesMs: readonly number[];
}

export interface Compared {
  readonly lifts: number;
  /** Mean log score a lift of its count in the second half. */
  readonly raw: number;
  readonly fleet: number;
  readonly shrunk: number;
  /** The whole posterior (negative binomial) instead of its mean. */
  readonly posterior: number;
  /** Shrunk less raw, a lift, with its 95 % interval over lifts. */
  readonly gain: number;
  readonly gainLow: number;
  readonly gainHigh: number;
  /** Share of lifts for which the shrunk rate scored higher. */
  readonly better: number;
}

/** Reads a history as import-events does. @throws Error naming every bad row. */
export async function monthsOf(
  file: string,
  map: string | undefined,
  timezone: string,
  part = "",
  without: readonly string[] = [],
): Promise<LiftMonths[]> {
  const mapping = map === undefined ? null : readMapping(map);
  const { events, defects } = await readHistory(file, mapping, timezone);
  if (defects.length > 0)
    throw new Error(defects.map(({ line, expected, found }) => `${file}:${line}: expected ${expected}; found ${found}`).join("\n"));
  const facts = new Facts(mapping?.timezone ?? timezone);
  await takeRecords(facts, [...events, ...watchOf(events, { first: null, last: null }, facts.zone)], []);
  const times = new Map<string, number[]>();
  for (const { event, liftId, at } of events)
    if (event === "fault" || event === "entrapment") times.set(liftId, [...(times.get(liftId) ?? []), at]);
  const { first, last } = facts.days.range ?? { first: 0, last: -1 };
  const [begin, count] = [monthAt(first), Math.max(0, monthAt(last) - monthAt(first) + 1)];
  return facts.liftIds.flatMap((key, lift) => {
    if (!key.includes(part)) return [];
    const [faults, episodes, exposure] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
    for (let day = first; day <= last; day++) exposure[monthAt(day) - begin]! += facts.days.inServiceMs(lift, day) / DAY_MS / MONTH_DAYS;
    const timesMs = (times.get(key) ?? []).toSorted((a, b) => a - b);
    const starts = episodeStarts(timesMs);
    for (const month of without) exposure[monthOf(month) - begin] = 0;
    for (const [index, time] of timesMs.entries()) {
      const month = monthAt(facts.zone.dayOf(time)) - begin;
      if (without.includes(nameOf(month + begin))) continue;
      faults[month]! += 1;
      if (starts[index] === true) episodes[month]! += 1;
    }
    return [{ key, faults, episodes, exposure, timesMs }];
  });
}

function monthAt(day: number): number {
  return monthOf(dayName(day).slice(0, 7));
}

/** Months since the year 0 of YYYY-MM, and back. */
function monthOf(name: string): number {
  return Number(name.slice(0, 4)) * 12 + Number(name.slice(5)) - 1;
}

function nameOf(month: number): string {
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
}

/** Log score of both halves' forecasts, counting `what`. */
export function forecast(lifts: readonly LiftMonths[], what: "episodes" | "faults"): Compared {
  const months = lifts[0]?.exposure.length ?? 0;
  const half = Math.floor(months / 2);
  const part = (lift: LiftMonths, from: number, to: number): Counted => ({
    key: lift.key,
    events: sum(lift[what].subarray(from, to)),
    exposure: sum(lift.exposure.subarray(from, to)),
  });
  const known = lifts.filter((lift) => sum(lift.exposure.subarray(0, half)) > 0 && sum(lift.exposure.subarray(half)) > 0);
  const before = known.map((lift) => part(lift, 0, half));
  const after = known.map((lift) => part(lift, half, months));
  const first = known.map(({ key, exposure, ...counts }) => ({
    key,
    events: counts[what].subarray(0, half),
    exposure: exposure.subarray(0, half),
  }));
  const { prior, rates } = shrink(before, { dispersion: Math.max(1, withinDispersion(first) ?? 1) });
  const scores = rates.map(({ events, exposure, rate, shape, weight }, index) => {
    const { events: count, exposure: lived } = after[index]!;
    return {
      raw: poissonScore(count, ((events + RAW_MEND) / exposure) * lived),
      fleet: poissonScore(count, prior.fleet * lived),
      shrunk: poissonScore(count, rate * lived),
      posterior: negativeBinomialScore(count, shape, weight, lived),
    };
  });
  const mean = (of: (score: (typeof scores)[number]) => number) => scores.reduce((total, score) => total + of(score), 0) / scores.length;
  const gain = mean(({ shrunk, raw }) => shrunk - raw);
  const variance = mean(({ shrunk, raw }) => (shrunk - raw - gain) ** 2);
  const reach = normalQuantile(0.975) * Math.sqrt(variance / scores.length);
  return {
    lifts: scores.length,
    raw: mean(({ raw }) => raw),
    fleet: mean(({ fleet }) => fleet),
    shrunk: mean(({ shrunk }) => shrunk),
    posterior: mean(({ posterior }) => posterior),
    gain,
    gainLow: gain - reach,
    gainHigh: gain + reach,
    better: scores.filter(({ shrunk, raw }) => shrunk > raw).length / scores.length,
  };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function poissonScore(count: number, mean: number): number {
  return count * Math.log(mean) - mean - logGamma(count + 1);
}

function negativeBinomialScore(count: number, shape: number, weight: number, lived: number): number {
  const share = weight / (weight + lived);
  return logGamma(shape + count) - logGamma(shape) - logGamma(count + 1) + shape * Math.log(share) + count * Math.log1p(-share);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      map: { type: "string" },
      timezone: { type: "string", default: "UTC" },
      lifts: { type: "string", default: "" },
      without: { type: "string", default: "" },
    },
  });
  const [file] = positionals;
  if (file === undefined)
    throw new Error(
      "expected a history: npm run forecast -- FILE.csv [--map MAP.yaml] [--timezone ZONE] [--lifts PART-OF-ID] [--without MONTHS]",
    );
  const lifts = await monthsOf(
    file,
    values.map,
    values.timezone,
    values.lifts,
    values.without.split(",").filter((month) => month !== ""),
  );
  const exposure = lifts.reduce((total, lift) => total + sum(lift.exposure), 0);
  console.log(`${lifts.length} lifts, ${exposure.toFixed(0)} lift-months in service`);
  const end = Math.max(...lifts.map(({ timesMs }) => timesMs.at(-1) ?? 0));
  for (const days of [7, 30]) {
    const { share, low, high, of } = recurrence(
      lifts.map(({ timesMs }) => timesMs),
      end,
      days,
    );
    console.log(`another fault within ${days} days: ${share?.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}) of ${of}`);
  }
  for (const what of ["faults", "episodes"] as const) {
    const count = lifts.reduce((total, lift) => total + sum(lift[what]), 0);
    const dispersion = withinDispersion(lifts.map((lift) => ({ key: lift.key, events: lift[what], exposure: lift.exposure })));
    const found = forecast(lifts, what);
    console.log(`${what}: ${count}, ${(count / exposure).toFixed(3)} a lift-month, dispersion within a lift ${dispersion?.toFixed(2)}`);
    console.log(
      `  log score a lift, second half: raw ${found.raw.toFixed(3)}, fleet ${found.fleet.toFixed(3)}, shrunk ${found.shrunk.toFixed(3)}, posterior ${found.posterior.toFixed(3)}`,
    );
    console.log(
      `  shrunk less raw ${found.gain.toFixed(3)} (${found.gainLow.toFixed(3)} to ${found.gainHigh.toFixed(3)}), better for ${(100 * found.better).toFixed(0)} % of ${found.lifts} lifts`,
    );
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
