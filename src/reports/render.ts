/** A report in one of its formats: a pure function of the document, the format and the language. */
import type { Language } from "./load-text.ts";
import { reportCsv } from "./csv.ts";
import type { Report, ReportKind } from "./document.ts";
import { htmlOf } from "./html.ts";
import { wordsOf } from "./words.ts";

export const RENDERED = ["html", "csv", "json", "xlsx"] as const;
export type Rendered = (typeof RENDERED)[number];

export const TYPES: Readonly<Record<Rendered, string>> = {
  html: "text/html; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  json: "application/json; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

export async function render(report: Report, format: Rendered, lang: Language): Promise<Buffer> {
  const words = wordsOf(lang);
  if (format === "xlsx") return (await import("./xlsx.ts")).xlsxOf(report, words);
  if (format === "json") return Buffer.from(`${JSON.stringify(report)}\n`);
  return Buffer.from(format === "csv" ? reportCsv(report, words) : htmlOf(report, words));
}

/** How a report's file is called: monthly-2026-10.zh.html. */
export function fileName(kind: ReportKind, period: string, format: string, lang: Language): string {
  return `${kind}-${period}.${lang}.${format}`;
}
