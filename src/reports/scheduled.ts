/**
 * Reports on a schedule: each period's, once it is over and the hour has come, as files in DATA/reports. A file that is there is not made again, so a
 * start after days of rest makes the newest ones only. Nobody waits for this: a report that fails is tried again later.
 */
import { readdir, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "../config.ts";
import { privateDirectory } from "../files/durable-file.ts";
import { ZoneDays } from "../trends/facts/zone-days.ts";
import { REPORT_KINDS, type Report, type ReportKind } from "./document.ts";
import type { Language } from "./load-text.ts";
import { printPdf } from "./pdf.ts";
import { periodOf, type Period } from "./period.ts";
import { fileName, type Rendered } from "./render.ts";
import { renderApart } from "./render-thread.ts";

export type ScheduledFormat = Rendered | "pdf";

export interface ScheduleOptions {
  /** DATA/reports. */
  readonly directory: string;
  readonly kinds: readonly ReportKind[];
  readonly formats: readonly ScheduledFormat[];
  readonly langs: readonly Language[];
  /** Of the site's day, 0 to 23. */
  readonly hour: number;
  /** Periods of each kind whose files are kept. */
  readonly kept: number;
  readonly timezone: string;
  readonly now: () => number;
  readonly make: (period: Period) => Promise<Report>;
  readonly log: (line: string) => void;
}

export interface Schedule {
  close(): void;
}

const HOUR_MS = 3_600_000;
const FILE = new RegExp(`^(${REPORT_KINDS.join("|")})-([0-9W-]+)\\.(?:en|zh)\\.[a-z]+$`);

export function openSchedule(options: ScheduleOptions): Schedule {
  const { kinds, timezone, now, hour, log } = options;
  const zone = new ZoneDays(timezone);
  /** When a report that failed is tried again. */
  const again = new Map<ReportKind, number>();
  let looking: Promise<void> | null = null;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function lookNow(): Promise<void> {
    const time = now();
    const today = zone.dayOf(time);
    if (time < zone.begin(today) + hour * HOUR_MS) return;
    for (const kind of kinds) {
      if (signal.aborted || time < (again.get(kind) ?? 0)) continue;
      try {
        await makeFiles(options, periodOf(kind, undefined, today), signal);
        again.delete(kind);
      } catch (error) {
        if (signal.aborted) return;
        again.set(kind, time + LIMITS.report.retryMs);
        log(
          `reports: the ${kind} one was not made (${(error as Error).message}); it is tried again in ${LIMITS.report.retryMs / 60_000} minutes`,
        );
      }
    }
  }

  function look(): Promise<void> {
    looking ??= lookNow().finally(() => {
      looking = null;
    });
    return looking;
  }

  const timer = setInterval(() => void look(), LIMITS.report.lookMs);
  const first = setTimeout(() => void look(), LIMITS.report.firstLookMs);
  return {
    close() {
      // What is half made is a `.part`, and is made anew after the next start: a stop has better things to wait for.
      stopping.abort();
      clearInterval(timer);
      clearTimeout(first);
    },
  };
}

async function makeFiles(options: ScheduleOptions, period: Period, signal: AbortSignal): Promise<void> {
  const { directory, formats, langs, make } = options;
  await privateDirectory(directory);
  const there = new Set(await readdir(directory));
  const wanted = langs.flatMap((lang) =>
    formats.map((format) => ({ lang, format, name: fileName(period.kind, period.name, format, lang) })),
  );
  const missing = wanted.filter(({ name }) => !there.has(name));
  if (missing.length > 0) {
    const report = await make(period);
    for (const { lang, format, name } of missing) {
      const bytes = await renderApart({ report, format: format === "pdf" ? "html" : format, lang });
      await put(join(directory, name), format === "pdf" ? await printPdf(bytes, process.env, signal) : bytes);
    }
  }
  await retain(directory, period.kind, options.kept);
}

/** Whole or not at all. */
export async function put(file: string, bytes: Uint8Array): Promise<void> {
  const part = `${file}.part`;
  try {
    await writeFile(part, bytes, { mode: 0o600 });
    await rename(part, file);
  } catch (error) {
    await unlink(part).catch(() => undefined);
    throw error;
  }
}

/** Drops the files of all but the newest periods of a kind; names sort as their periods do. Other files are left alone. */
async function retain(directory: string, kind: ReportKind, kept: number): Promise<void> {
  const files = (await readdir(directory)).flatMap((name) => {
    const [, of, period = ""] = FILE.exec(name) ?? [];
    return of === kind ? [{ name, period }] : [];
  });
  const newest = new Set([...new Set(files.map(({ period }) => period))].toSorted().slice(-kept));
  for (const { name, period } of files) if (!newest.has(period)) await unlink(join(directory, name));
}
