/** Trends as the running program asks them: of their thread. What the thread that watches lifts has of it is its delay. */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "../src/config.ts";
import type { LiftRecord } from "../src/core/lift.ts";
import { OperationalError } from "../src/errors.ts";
import { periodOf } from "../src/reports/period.ts";
import type { ThreadedStore } from "../src/store/threaded.ts";
import { openTrending, type Trending } from "../src/trending.ts";
import type { Asked, Wanted } from "../src/trends/questions/asked.ts";
import type { Range } from "../src/trends/questions/tally.ts";
import type { BenchRow } from "./row.ts";

/** Written by a thread that gives way to all others. */
const COPIED_WITHIN_MS = 60_000;
const PAGE: Wanted = { offset: 0, limit: 5_000, format: "json" };
const SHORT_PAGE: Wanted = { ...PAGE, limit: 1_000 };

export async function benchTrendsThread(
  store: ThreadedStore,
  register: readonly LiftRecord[],
  range: Range,
  month: string,
  data: string,
): Promise<BenchRow[]> {
  const began = performance.now();
  const open = () => openTrending({ settings: { data }, store, monitor: { register }, timezone: "Asia/Shanghai", log: () => undefined });
  const trends = open();
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
    const isCopied = register.length * (range.last - range.first + 1) >= LIMITS.trends.copyLeast;
    const copied = isCopied ? await answerWithCopy(open, await copyOf(store, join(data, "trends")), first, wanted) : [];
    return [
      { name: "trends: first answer after a start, without a copy of the facts", value: answer, unit: "ms" },
      ...copied,
      { name: "trends: monthly city report", value: report.ms, unit: "ms" },
      ...delays("facts are read", load),
      ...delays(`${questions.length} questions are answered`, asking),
      ...delays("a monthly city report is made", report),
    ];
  } finally {
    await trends.close();
  }
}

/** The copy that the store names, once it is there: it is made in the background. */
async function copyOf(store: ThreadedStore, directory: string): Promise<string> {
  for (const until = performance.now() + COPIED_WITHIN_MS; performance.now() < until;) {
    const file = join(directory, `facts-${(await store.mark()).mark}.bin`);
    if (existsSync(file)) return file;
    await sleep(100);
  }
  throw new Error(`no copy of the facts in ${directory} after ${COPIED_WITHIN_MS} ms`);
}

/** Of a second start. */
async function answerWithCopy(open: () => Trending, file: string, asked: Asked, wanted: Wanted): Promise<BenchRow[]> {
  const began = performance.now();
  const trends = open();
  try {
    await patiently(() => trends.ask(asked, wanted));
    return [
      { name: "trends: first answer after a start, with a copy", value: performance.now() - began, unit: "ms" },
      { name: "trends: copy of the facts", value: (await stat(file)).size / 1e6, unit: "MB" },
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
