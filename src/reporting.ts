/** Reports in the running program: made when somebody asks, and on the schedule of the settings. */
import { join } from "node:path";
import { LIMITS } from "./config.ts";
import { OperationalError } from "./errors.ts";
import type { Report, Scope } from "./reports/document.ts";
import type { Period } from "./reports/period.ts";
import { openSchedule } from "./reports/scheduled.ts";
import type { Settings } from "./settings/schema.ts";
import type { Trending } from "./trending.ts";

export interface Reporting {
  /** @throws OperationalError `report-busy` where LIMITS.report.answers are being made already; and as `Trending.report`. */
  make(period: Period, scope: Scope): Promise<Report>;
  close(): void;
}

export interface ReportingOptions {
  readonly settings: Pick<
    Settings,
    "data" | "operatorPositions" | "reports" | "reportsHour" | "reportsFormats" | "reportsLang" | "reportsKept"
  >;
  readonly trends: Pick<Trending, "report">;
  readonly timezone: string;
  readonly program: string;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

export function openReporting({ settings, trends, timezone, program, now, log }: ReportingOptions): Reporting {
  let underWay = 0;

  async function make(period: Period, scope: Scope): Promise<Report> {
    if (underWay >= LIMITS.report.answers)
      throw new OperationalError("report-busy", `${underWay} reports are being made already; try again in a while`);
    underWay += 1;
    try {
      const { operatorPositions } = settings;
      return await trends.report(period, scope, { operatorPositions, program, madeAt: now() });
    } finally {
      underWay -= 1;
    }
  }

  const schedule =
    settings.reports.length === 0
      ? null
      : openSchedule({
          directory: join(settings.data, "reports"),
          kinds: settings.reports,
          formats: settings.reportsFormats,
          langs: settings.reportsLang,
          hour: settings.reportsHour,
          kept: settings.reportsKept,
          timezone,
          now,
          make: (period) => make(period, {}),
          log,
        });
  return { make, close: () => schedule?.close() };
}
