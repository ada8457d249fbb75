/** `export trends`: the rows of a question about trends as CSV or NDJSON, as REST answers it (docs/trends.md). */
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LIMITS } from "../config.ts";
import { askRunning } from "../control.ts";
import { OperationalError, UsageError } from "../errors.ts";
import { COLUMNS, csvOf } from "../trends/questions/table.ts";

/** Where each question is answered, the columns of its rows, and how many of them a page has. */
const QUESTIONS = {
  "fault-rate": ["/api/trends/fault-rate", COLUMNS.faultRate, LIMITS.trends.page],
  rescue: ["/api/trends/rescue", COLUMNS.rescue, LIMITS.trends.page],
  "service-life": ["/api/trends/service-life", COLUMNS.serviceLife, LIMITS.trends.page],
  "before-after": ["/api/trends/before-after", COLUMNS.beforeAfter, LIMITS.trends.testedPage],
  rankings: ["/api/rankings", COLUMNS.rankings, LIMITS.trends.page],
  index: ["/api/index", COLUMNS.index, LIMITS.trends.page],
} as const;
type Question = keyof typeof QUESTIONS;
export const TREND_QUESTIONS = Object.keys(QUESTIONS) as Question[];

export interface ExportTrendsFlags {
  readonly data: string;
  readonly question: Question;
  readonly format: "csv" | "ndjson";
  /** `-` is the standard output. */
  readonly out: string;
  /** `name=value` of a parameter of that question. */
  readonly set: readonly string[];
}

interface Page {
  readonly rows: readonly object[];
  readonly next: string | null;
}

/** @throws UsageError where no program runs there, or it does not take the parameters. */
export async function exportTrends({ data, question, format, out, set }: ExportTrendsFlags): Promise<void> {
  const [path, columns, limit] = QUESTIONS[question];
  const query = new URLSearchParams({ limit: String(limit) });
  for (const word of set) {
    const at = word.indexOf("=");
    if (at < 1) throw new UsageError(`--set: expected name=value, such as by=firm; found ${word}`);
    query.set(word.slice(0, at), word.slice(at + 1));
  }
  let count = 0;
  async function* text(): AsyncGenerator<string> {
    let after: string | null = null;
    do {
      if (after !== null) query.set("after", after);
      const page = await pageOf(data, `${path}?${query.toString()}`);
      if (format === "ndjson") for (const row of page.rows) yield `${JSON.stringify(row)}\n`;
      else {
        const whole = csvOf(columns, page.rows);
        yield after === null ? whole : whole.slice(whole.indexOf("\n") + 1);
      }
      count += page.rows.length;
      after = page.next;
    } while (after !== null);
  }
  const lines = Readable.from(text(), { objectMode: false });
  if (out === "-") await pipeline(lines, process.stdout, { end: false });
  else {
    const part = `${out}.part`;
    try {
      await pipeline(lines, createWriteStream(part));
      await rename(part, out);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }
  process.stderr.write(`${count} rows of ${question}${out === "-" ? "" : ` in ${out}`}\n`);
}

async function pageOf(data: string, path: string): Promise<Page> {
  const answer = await askRunning(data, "GET", path);
  if (answer === null)
    throw new UsageError(
      `--data ${data}: no program runs on it; expected one, which has the facts in memory: hoistway serve --data ${data}`,
    );
  try {
    return (await answer.json()) as Page;
  } catch (error) {
    if (answer.status === 400 && error instanceof OperationalError) throw new UsageError(error.message);
    throw error;
  }
}
