/** Trends as the running program asks them: of their thread. What the thread that watches lifts has of it is its delay. */
import { tmpdir } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { LiftRecord } from "../src/core/lift.ts";
import { OperationalError } from "../src/errors.ts";
import { periodOf } from "../src/reports/period.ts";
import type { ThreadedStore } from "../src/store/threaded.ts";
import { openTrending } from "../src/trending.ts";
import type { Asked, Wanted } from "../src/trends/questions/asked.ts";
import type { Range } from "../src/trends/questions/tally.ts";
import type { BenchRow } from "./row.ts";

const PAGE: Wanted = { offset: 0, limit: 5_000, format: "json" };
const SHORT_PAGE: Wanted = { ...PAGE, limit: 1_000 };

export async function benchTrendsThread(
  store: ThreadedStore,
  register: readonly LiftRecord[],
  range: Range,
  month: string,
): Promise<BenchRow[]> {
  const began = performance.now();
  const trends = openTrending({
    settings: { data: tmpdir() },
    store,
    monitor: { register },
    timezone: "Asia/Shanghai",
    log: () => undefined,
  });
  const filters = {};
  const questions: readonly (readonly [Asked, Wanted])[] = [
    [{ name: "fault-rate", by: "firm", bucket: "month", range, filters }, PAGE],
    [{ name: "fault-rate", by: "building", bucket: "total", range, filters }, PAGE],
    [{ name: "fault-rate", by: "lift", bucket: "total", range, filters }, PAGE],
    [{ name: "service-life", by: "maker", range, filters }, PAGE],
    [{ name: "rankings", by: "lift", period: month, filters }, SHORT_PAGE],
    [{ name: "index", by: "lift", period: month, filters }, SHORT_PAGE],
  ];
  try {
    const [first, wanted] = questions[0]!;
    const load = await watched(() => patiently(() => trends.ask(first, wanted)));
    const answer = performance.now() - began;
    const asking = await watched(async () => {
      for (const [asked, page] of questions) await trends.ask(asked, page);
    });
    const period = periodOf("monthly", month, range.last + 1);
    const report = await watched(() => trends.report(period, {}, { operatorPositions: 1, program: "bench", madeAt: 0 }));
    return [
      { name: "trends: first answer after a start", value: answer, unit: "ms" },
      { name: "trends: monthly city report", value: report.ms, unit: "ms" },
      ...delays("facts are read", load),
      ...delays(`${questions.length} questions are answered`, asking),
      ...delays("a monthly city report is made", report),
    ];
  } finally {
    await trends.close();
  }
}

/** However long the facts take: a question gives up after a while. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OperationalError && error.code === "facts-loading")) throw error;
    }
  }
}

interface Watched {
  readonly ms: number;
  readonly p99: number;
  readonly most: number;
}

async function watched(work: () => Promise<unknown>): Promise<Watched> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const began = performance.now();
  await work();
  const ms = performance.now() - began;
  delay.disable();
  return { ms, p99: delay.percentile(99) / 1e6, most: delay.max / 1e6 };
}

function delays(what: string, { p99, most }: Watched): BenchRow[] {
  return [
    { name: `trends: delay of the main thread while ${what}, p99`, value: p99, unit: "ms" },
    { name: `trends: delay of the main thread while ${what}, longest`, value: most, unit: "ms" },
  ];
}
