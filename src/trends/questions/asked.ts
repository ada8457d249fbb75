/** Questions as they are asked from outside, and their answers as text: what crosses between the thread that watches lifts and the one that reckons. */
import { beforeAfter, type BeforeAfterQuestion } from "./before-after.ts";
import { evaluationIndex } from "./evaluation.ts";
import { faultRate, type FaultRateQuestion } from "./fault-rate.ts";
import type { Population } from "./grouping.ts";
import { serviceLife, type ServiceLifeQuestion } from "./life-curve.ts";
import { rankings, type RankingQuestion } from "./rankings.ts";
import { rescue, type RescueQuestion } from "./rescue.ts";
import { slices } from "./slices.ts";
import { LIMITS } from "../../config.ts";
import { COLUMNS, csvHead, csvRows } from "./table.ts";

export type Asked =
  | ({ readonly name: "fault-rate" } & FaultRateQuestion)
  | ({ readonly name: "rescue" } & RescueQuestion)
  | ({ readonly name: "service-life" } & ServiceLifeQuestion)
  | ({ readonly name: "before-after" } & BeforeAfterQuestion)
  | ({ readonly name: "rankings" } & RankingQuestion)
  | ({ readonly name: "index"; readonly referenceRate?: number | undefined } & RankingQuestion);

export const NORMS = ["all", "filtered"] as const;
type Norm = (typeof NORMS)[number];

/** Which rows, and how they are written. */
export interface Wanted {
  readonly offset: number;
  readonly limit: number;
  readonly format: "json" | "csv";
}

export interface Answered {
  readonly text: string;
  /** What came before the next page, as its cursor; null at the end. */
  readonly next: string | null;
}

interface Found {
  readonly columns: readonly string[];
  /** All but the rows. */
  readonly head: object;
  readonly total: number;
  readonly rows: (offset: number, limit: number) => readonly object[];
}

/** Rows worked out and written at a time: those of a whole page would outlive the collector's quick rounds. */
const AT_ONCE = 500;

/** Rows are worked out for each page anew. @throws OperationalError `query-too-large`. */
export async function answerAsked(population: Population, asked: Asked, { offset, limit, format }: Wanted): Promise<Answered> {
  const { columns, head, total, rows } = await find(population, asked);
  const count = Math.min(limit, largestPage(asked));
  const write = format === "csv" ? csvRows(columns) : (some: readonly object[]) => JSON.stringify(some).slice(1, -1);
  const parts: string[] = [];
  const yielding = slices();
  const end = Math.min(total, offset + count);
  for (let from = offset; from < end; from += AT_ONCE) {
    parts.push(write(rows(from, Math.min(AT_ONCE, end - from))));
    await yielding();
  }
  const next = offset + count < total ? String(offset + count) : null;
  if (format === "csv") return { text: [csvHead(columns), ...parts].join(""), next };
  const text = JSON.stringify({ ...head, rows: [], next });
  const rowsAt = text.lastIndexOf("[]") + 1;
  return { text: `${text.slice(0, rowsAt)}${parts.join(",")}${text.slice(rowsAt)}`, next };
}

/** Whatever `limit` says. */
export function largestPage(asked: Asked): number {
  const { page, seriesPage } = LIMITS.trends;
  if (asked.name === "service-life" || asked.name === "index") return seriesPage;
  return (asked.name === "fault-rate" || asked.name === "rescue") && asked.bucket !== "total" ? seriesPage : page;
}

async function find(population: Population, asked: Asked): Promise<Found> {
  switch (asked.name) {
    case "fault-rate": {
      const { from, to, total, rows } = await faultRate(population, asked);
      return { columns: COLUMNS.faultRate, head: { from, to, norm: normOf(asked) }, total, rows };
    }
    case "rescue": {
      const { from, to, total, rows } = await rescue(population, asked);
      return { columns: COLUMNS.rescue, head: { from, to }, total, rows };
    }
    case "service-life": {
      const { from, to, lackAge, total, rows } = await serviceLife(population, asked);
      return { columns: COLUMNS.serviceLife, head: { from, to, lackAge }, total, rows };
    }
    case "before-after": {
      const { rows, total, ...head } = await beforeAfter(population, asked);
      return { columns: COLUMNS.beforeAfter, head, total, rows };
    }
    case "rankings": {
      const { rows, ...head } = await rankings(population, asked);
      return { columns: COLUMNS.rankings, head: { ...head, norm: normOf(asked) }, total: head.total, rows };
    }
    case "index":
      break;
  }
  const { rows, ...head } = await evaluationIndex(population, asked);
  return { columns: COLUMNS.index, head: { ...head, norm: normOf(asked) }, total: head.total, rows };
}

/**
 * Whose rate the fleet's is, with which rates are compared and towards which they are shrunk: that of the lifts that the question is about. Of a question with
 * a filter it is the filter's lifts: escalators among escalators, the firms of a district among each other.
 */
function normOf({ filters }: Asked): Norm {
  return Object.values(filters).some((value) => value !== undefined) ? "filtered" : "all";
}
