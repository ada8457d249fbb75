/** `report`: daily control, weekly check or monthly review as a file (docs/reports.md). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { askRunning } from "../control.ts";
import { OperationalError, UsageError } from "../errors.ts";
import { keptHistory } from "../history/kept.ts";
import { inForceBefore, openDataDirectory } from "../recording/data-directory.ts";
import { REPORT_KINDS, type Report, type ReportKind, reportSchema, type Scope } from "../reports/document.ts";
import type { Language } from "../reports/load-text.ts";
import { makeReport } from "../reports/make.ts";
import { printPdf } from "../reports/pdf.ts";
import { periodOf } from "../reports/period.ts";
import { fileName, render, RENDERED, type Rendered } from "../reports/render.ts";
import { put } from "../reports/scheduled.ts";
import { log } from "./process.ts";
import { settingsSchema } from "../settings/schema.ts";
import { openEmbeddedStore } from "../store/embedded.ts";
import { readFacts } from "../trends/facts/open-facts.ts";
import { ZoneDays } from "../trends/facts/zone-days.ts";

export interface ReportFlags {
  readonly data: string;
  readonly date?: string;
  readonly scope?: readonly string[];
  readonly format?: string;
  readonly lang: string;
  readonly out?: string;
}

const FORMATS = [...RENDERED, "pdf"] as const;
type Format = Rendered | "pdf";
const SCOPES = ["district", "firm", "userUnit"] as const;

export async function report(kind: string, flags: ReportFlags, version: string): Promise<void> {
  const { lang, out, data, date } = flags;
  const wanted = REPORT_KINDS.find((one) => one === kind);
  if (wanted === undefined) throw new UsageError(`expected one of ${REPORT_KINDS.join(", ")}; found ${kind}`);
  if (lang !== "en" && lang !== "zh") throw new UsageError(`--lang: expected en or zh; found ${lang}`);
  const format = formatOf(flags);
  const scope = scopeOf(flags.scope ?? []);
  const made = (await ofRunning(data, wanted, date, scope)) ?? (await ofRest(data, wanted, date, scope, version));
  const bytes = await bytesOf(made, format, lang);
  if (out === undefined && format !== "pdf" && format !== "xlsx") {
    process.stdout.write(bytes);
    return;
  }
  const file = out ?? fileName(made.kind, made.period.name, format, lang);
  await put(file, bytes).catch((error: unknown) => {
    throw new OperationalError("file-failed", `${file}: cannot be written (${(error as Error).message})`, { cause: error });
  });
  process.stderr.write(`${file}: ${made.kind} report of ${made.period.from} to ${made.period.to}, ${bytes.length} bytes\n`);
}

function formatOf({ format, out }: ReportFlags): Format {
  const named = format ?? out?.split(".").at(-1);
  const found = FORMATS.find((one) => one === named);
  if (found !== undefined) return found;
  if (format !== undefined) throw new UsageError(`--format: expected one of ${FORMATS.join(", ")}; found ${format}`);
  return "html";
}

/** `district=武江`: columns of the register with what they are to hold. */
export function scopeOf(words: readonly string[]): Scope {
  const scope: { district?: string; firm?: string; userUnit?: string } = {};
  for (const word of words) {
    const at = word.indexOf("=");
    const what = SCOPES.find((one) => one === word.slice(0, at));
    const name = word.slice(at + 1);
    if (what === undefined || name === "")
      throw new UsageError(`--scope: expected district=NAME, firm=NAME or userUnit=NAME; found ${word}`);
    if (scope[what] !== undefined) throw new UsageError(`--scope: ${what} is given twice`);
    scope[what] = name;
  }
  return scope;
}

/** The report as bytes of a format; PDF is the page, printed. */
async function bytesOf(made: Report, format: Format, lang: Language): Promise<Buffer> {
  if (format !== "pdf") return render(made, format, lang);
  return printPdf(await render(made, "html", lang), process.env);
}

/** Null where no program runs there. */
async function ofRunning(data: string, kind: ReportKind, date: string | undefined, scope: Scope): Promise<Report | null> {
  if (!existsSync(data)) throw new UsageError(`--data ${data}: is not there; expected a data directory`);
  const given = Object.entries({ format: "json", date, ...scope }).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const parameters = new URLSearchParams(given);
  const answer = await askRunning(data, "GET", `/api/reports/${kind}?${parameters.toString()}`);
  if (answer === null) return null;
  try {
    return reportSchema.parse(await answer.json());
  } catch (error) {
    if (error instanceof OperationalError && error.code === "invalid") throw new UsageError(error.message);
    throw error;
  }
}

/** From the store of a program that is stopped; zone and register are those of its journal. */
async function ofRest(data: string, kind: ReportKind, date: string | undefined, scope: Scope, version: string): Promise<Report> {
  const dir = join(data, "store");
  if (!existsSync(join(dir, "store.duckdb")))
    throw new UsageError(
      `--data ${data}: holds no store yet; start the program on it once, and while it runs it makes reports, whichever its store is`,
    );
  const directory = await openDataDirectory(data, log);
  const { journal } = directory;
  const inForce = await inForceBefore(directory, journal.lastSeq + 1, log);
  if (inForce === null || !("register" in inForce) || inForce.register === null || inForce.rules === null)
    throw new UsageError(`--data ${data}: its journal holds no register`);
  const { register, rules } = inForce;
  const { timezone } = rules.site;
  const now = systemClock().now();
  const period = periodOf(kind, date, new ZoneDays(timezone).dayOf(now));
  const store = await openEmbeddedStore({ dir, journalId: journal.id });
  try {
    const history = async () => (await keptHistory(data)).values();
    const facts = await readFacts({ store, history, timezone }, register);
    const operatorPositions = settingsSchema.shape.operatorPositions.parse(undefined);
    return await makeReport(
      { population: { facts, register }, store, timezone, operatorPositions, program: version, madeAt: now },
      period,
      scope,
    );
  } finally {
    await store.close();
  }
}
