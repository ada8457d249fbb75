/** What was learnt, for people: in an alert's details and limits, in a lift's view, and in the ranking. */
import { z } from "zod";
import type { Hazard } from "../effects.ts";
import type { LiftState } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { countThreshold, dispersionOf, type CountChart } from "./count-chart.ts";
import { baselineSd, FAST_K, nearest, shiftOf, SLOW_K, thresholdsOf, type Chart } from "./cusum.ts";
import { faultsWithin } from "./bursts.ts";
import { unpackChart, unpackCountChart, type Learning } from "./learning.ts";
import { pastDays } from "./past.ts";
import { BURST_HAZARD, REOPENINGS_HAZARD, STREAMS, type Stream } from "./streams.ts";

export const learntSignalSchema = z.object({
  signal: z.string(),
  unit: z.string(),
  state: z.enum(["learning", "steady", "changed", "alarmed"]).describe("`changed`: proved, and too small to tell"),
  days: z.number().describe("days behind the baseline"),
  baseline: z.number().nullable(),
  sdPercent: z.number().nullable().describe("standard deviation of the daily value, percent of it; null for offsets"),
  newest: z.number().nullable().describe("value of the last day"),
  statistic: z.number().describe("the CUSUM's greater sum, standard deviations or events"),
  threshold: z.number(),
});
export type LearntSignal = z.infer<typeof learntSignalSchema>;

const chartedSignalSchema = learntSignalSchema.extend({
  past: z
    .array(
      z.object({
        value: z.number().nullable().describe("in the signal's unit; null where the day had too few observations"),
        ofThreshold: z.number().nullable().describe("the greater sum as a share of its threshold, to a fortieth, at most 2"),
      }),
    )
    .describe("the last days, at most 10, oldest first, up to the site's last day that is over"),
});
type ChartedSignal = z.infer<typeof chartedSignalSchema>;

export const unusualSchema = z.object({
  score: z.number().describe("mean over a day of −log10 of how rare each hour was"),
  hours: z.int().describe("hours behind it, at most 24"),
  peak: z
    .object({ score: z.number(), stream: z.string(), value: z.number(), at: z.int() })
    .nullable()
    .describe("the rarest hour of the running day"),
});
export type Unusual = z.infer<typeof unusualSchema>;

export const unusualLiftSchema = unusualSchema.extend({
  liftId: z.string(),
  district: z.string().nullable(),
  building: z.string().nullable(),
});
export type UnusualLift = z.infer<typeof unusualLiftSchema>;

export const liftLearningSchema = z.object({
  liftId: z.string(),
  signals: z.array(chartedSignalSchema),
  unusual: unusualSchema.nullable(),
  workAt: z.int().nullable().describe("the newest work order, ms since the epoch; baselines began anew with it"),
});
export type LiftLearning = z.infer<typeof liftLearningSchema>;

const short = (value: number) => Math.round(value * 100) / 100;

/** What is learnt of a lift, and how far that is. */
export function liftLearning(lift: LiftState | undefined): LiftLearning | null {
  if (lift === undefined) return null;
  const { liftId, learning } = lift;
  if (learning === null) return { liftId, signals: [], unusual: null, workAt: null };
  const { workAt } = learning;
  return {
    liftId,
    signals: learntSignals(learning),
    unusual: unusualOf(learning),
    workAt: workAt < 0 ? null : workAt,
  };
}

/** By score, then by id: most unusual first. */
export function mostUnusual(lifts: Iterable<LiftState>, most: number): UnusualLift[] {
  const ranked: { readonly lift: LiftState; readonly learning: Learning }[] = [];
  for (const lift of lifts) if (lift.learning !== null && lift.learning.hours > 0) ranked.push({ lift, learning: lift.learning });
  ranked.sort((a, b) => b.learning.unusual - a.learning.unusual || (a.lift.liftId < b.lift.liftId ? -1 : 1));
  return ranked.slice(0, most).map(({ lift, learning }) => ({
    liftId: lift.liftId,
    district: lift.register?.district ?? null,
    building: lift.register?.building ?? null,
    ...unusualOf(learning),
  }));
}

function learntSignals(learning: Learning): ChartedSignal[] {
  const signals: ChartedSignal[] = [];
  for (const [place, stream] of STREAMS.entries()) {
    const row = learning.charts[place];
    if (row != null)
      signals.push({
        ...charted(unpackChart(row, stream), stream, learning),
        past: pastOf(learning.past[place], stream.unit, stream.shown),
      });
  }
  if (learning.reopened !== null) {
    const past = pastOf(learning.past[STREAMS.length], "per cycle", (value) => Math.round(value * 10_000) / 10_000);
    signals.push({ ...counted(unpackCountChart(learning.reopened), learning), past });
  }
  return signals;
}

function pastOf(past: string | undefined, unit: Parameters<typeof pastDays>[1], shown: (value: number) => number): ChartedSignal["past"] {
  return pastDays(past, unit).map(({ value, share }) => ({ value: value === null ? null : shown(value), ofThreshold: share }));
}

function unusualOf({ unusual, hours, peak }: Learning): Unusual {
  return { score: short(unusual), hours, peak: peak === null ? null : { ...peak, score: short(peak.score) } };
}

/** What speaks for a trend towards a hazard: the signals that have changed, against what they were. */
export function trendDetails(lift: LiftState, hazard: Hazard, rules: Rules): Record<string, unknown> {
  const { learning } = lift;
  if (learning === null) return {};
  if (hazard === BURST_HAZARD) {
    return { faults: faultsWithin(lift, lift.at, rules), episodes: short(learning.episodes), serviceDays: short(learning.serviceDays) };
  }
  const signals: Record<string, unknown>[] = [];
  const longer: Record<string, number> = {};
  for (const [place, stream] of STREAMS.entries()) {
    const row = learning.charts[place];
    if (stream.hazard !== hazard || row == null) continue;
    const chart = unpackChart(row, stream);
    if (!chart.alarmed) continue;
    const since = chart.proved < 0 ? chart.down : chart.up;
    if (stream.unit !== "mm") {
      // By the name of its limit.
      const name = stream.signal.endsWith("CycleMs") ? "cycleLongerPercent" : "longerPercent";
      longer[name] = Math.max(longer[name] ?? 0, Math.round(1_000 * (shownShift(chart, stream) - 1)) / 10);
    }
    signals.push({ ...charted(chart, stream, learning), shift: shownShift(chart, stream), sinceDays: since.days });
  }
  const reopened = unpackCountChart(learning.reopened);
  if (hazard === REOPENINGS_HAZARD && reopened.alarmed) {
    signals.push({
      ...counted(reopened, learning),
      sinceDays: reopened.since,
      events: reopened.sinceEvents,
      expected: short(reopened.sinceExpected),
    });
  }
  if (signals.length === 0) return {};
  return { ...longer, signals };
}

/** Limits by which a trend was judged, beside those of the hazard's own rule. */
export function trendLimits({ learning }: LiftState, rules: Rules): Record<string, number> {
  if (learning === null || learning.runLengthDays === 0) return {};
  const { fast, slow } = thresholdsOf(learning.runLengthDays);
  return {
    falseAlertsPerDay: rules.learning.falseAlertsPerDay,
    runLengthDays: Math.round(learning.runLengthDays),
    referenceSd: FAST_K,
    thresholdSd: fast,
    slowReferenceSd: SLOW_K,
    slowThresholdSd: slow,
  };
}

function charted(chart: Chart, stream: Stream, { runLengthDays }: Learning): LearntSignal {
  const { sum, threshold } = nearest(chart, stream, thresholdsOf(runLengthDays));
  const known = chart.days > 0;
  return {
    signal: stream.signal,
    unit: stream.unit,
    state: chart.alarmed ? "alarmed" : chart.proved !== 0 ? "changed" : chart.young > 0 ? "learning" : "steady",
    days: chart.days,
    baseline: known ? stream.shown(chart.mean) : null,
    sdPercent: known && stream.unit !== "mm" ? short(baselineSd(chart, stream.leastSd) / 10) : null,
    newest: known ? stream.shown(chart.newest) : null,
    statistic: short(sum),
    threshold,
  };
}

function counted(chart: CountChart, { runLengthDays }: Learning): LearntSignal {
  const rate = chart.exposure === 0 ? null : chart.events / chart.exposure;
  return {
    signal: "reopenings",
    unit: "per cycle",
    state: chart.alarmed ? "alarmed" : chart.young > 0 ? "learning" : "steady",
    days: chart.days,
    baseline: rate === null ? null : Math.round(rate * 10_000) / 10_000,
    sdPercent: null,
    newest: null,
    statistic: short(chart.sum),
    threshold: short(countThreshold(chart.expected, dispersionOf(chart), runLengthDays)),
  };
}

/** In the stream's unit: a factor for logarithms, a distance for offsets. */
function shownShift(chart: Chart, stream: Stream): number {
  const shift = shiftOf(chart);
  return stream.unit === "mm" ? short(shift / 100) : Math.round(1_000 * Math.exp(shift / 1_000)) / 1_000;
}
