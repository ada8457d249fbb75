/** The report as JSON (contract §6: OpenAPI is made from it). */
import { z } from "zod";
import { HAZARDS, PRIORITIES } from "../core/effects.ts";
import type { OperatorLoadReport } from "./load-figures.ts";

const count = z.int().min(0);
const rate = z.number().min(0);
const timeMs = z.int().describe("the monitor's time, ms since the epoch, UTC");
const share = z.number().min(0).max(1);
const place = { liftId: z.string(), hazard: z.enum(HAZARDS) };
const mix = z.object({ pages: count, share, target: share });

export const operatorLoadSchema = z.object({
  from: timeMs,
  to: timeMs.describe("exclusive"),
  positions: z.int().min(1),
  pages: count.describe("alerts that asked for an operator: active, not suppressed, not shelved, not low, not owned by a mass event"),
  perDay: z
    .object({ average: rate, peak: rate, peakDay: z.string().nullable() })
    .describe("pages a day and position; days of the site's zone"),
  per10Min: z.object({ average: rate, peak: rate, peakAt: timeMs.nullable() }).describe("pages in ten minutes and position"),
  verdict: z
    .enum(["acceptable", "manageable", "too-many", "too-short"])
    .describe("of the average day and position: at most 150, at most 300, more; too-short: the period is less than a day"),
  days: z.array(z.object({ day: z.string(), pages: count, perPosition: rate })),
  daysAboveAcceptable: count,
  daysAboveMost: count,
  floods: z
    .object({
      count,
      windows: count.describe("of ten minutes, from the period's beginning on"),
      windowsInFlood: count,
      share,
      largest: z.array(z.object({ from: timeMs, to: timeMs, pages: count })),
    })
    .describe("begin in a window of more than 10 pages a position, end before the first of fewer than 5"),
  chattering: z
    .object({ count, alerts: z.array(z.object({ ...place, times: count })) })
    .describe("a hazard of a lift that ended three times within a minute; `times` says how often it did so"),
  stale: z
    .object({ count, longest: z.array(z.object({ id: z.string(), ...place, priority: z.enum(PRIORITIES), activeMs: count })) })
    .describe("alerts that asked for an operator and were active for a day or longer"),
  topTen: z.array(z.object({ ...place, pages: count, share })),
  topTenShare: rate,
  mix: z.object({ critical: mix, high: mix, medium: mix }).describe("pages by priority, against 5, 15 and 80 in a hundred"),
  suppressed: count.describe("alerts that were suppressed by design"),
  shelved: count.describe("alerts that were shelved"),
  low: count.describe("alerts of low priority: they go to work lists"),
  owned: count.describe("alerts within a mass event"),
}) satisfies z.ZodType<OperatorLoadReport>;
