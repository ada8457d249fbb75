/** `import`: history that no journal here has, from an export, into the store of a program that is stopped (docs/operating.md). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { LIMITS } from "../config.ts";
import { OperationalError, UsageError } from "../errors.ts";
import type { DayCount, StoredReading, WorkRow } from "../core/effects.ts";
import { type Imported, IMPORTED, type ImportedAlert, type ImportedKind, importedOf } from "../exchange/kinds.ts";
import { formatOf, type FileRow, kindOf, readRows } from "../exchange/read.ts";
import { openProgress } from "./progress.ts";
import { openJournalAlone } from "../journal/open-alone.ts";
import { readRules } from "../rules/file.ts";
import { log } from "./process.ts";
import { settingsSchema } from "../settings/schema.ts";
import { loadSettings } from "../settings/settings.ts";
import type { ThreadedStore } from "../store/threaded.ts";
import { keptFrom, openStore } from "../stores.ts";

interface ImportFlags {
  readonly kind?: string;
  readonly skipBad?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

interface Sums {
  rows: number;
  added: number;
  /** Readings older than what the settings keep. */
  tooOld: number;
  bad: number;
}

export async function importRows(file: string, flags: ImportFlags): Promise<void> {
  const format = formatOf(file);
  const own = Object.fromEntries(Object.entries(flags).filter(([key]) => Object.hasOwn(settingsSchema.shape, key)));
  const settings = loadSettings(own, process.env, flags.config);
  if (!existsSync(join(settings.data, "journal")))
    throw new UsageError(`--data ${settings.data}: holds no journal; expected a data directory`);
  const wanted = flags.kind === undefined ? null : IMPORTED.find((one) => one === flags.kind);
  if (wanted === undefined) throw new UsageError(`--kind: expected one of ${IMPORTED.join(", ")}; found ${String(flags.kind)}`);
  const { kind, bad } = await examine(file, wanted, () => readRows(file, format));
  if (bad > 0 && flags.skipBad !== true) throw new OperationalError("import-refused", `${file}: ${bad} bad rows; nothing was written`);
  const { timezone } = readRules(settings.rules, settings.timezone).site;
  const journal = await openJournalAlone(settings.data);
  try {
    const store = await openStore(settings, timezone, journal, log);
    try {
      if (!store.known) throw new OperationalError("store-unavailable", "the store cannot be reached; nothing was written");
      const oldest = keptFrom(settings, timezone, systemClock().now()).readings ?? 0;
      const sums = { ...(await write(store, kind, readRows(file, format), oldest)), bad };
      report(file, kind, sums, flags.json === true);
    } finally {
      await store.close();
    }
  } finally {
    await journal.close();
  }
}

/** Looks at every row before any is written, and names each bad one: file, line, column, found, expected. */
async function examine(file: string, wanted: ImportedKind | null, read: () => AsyncIterable<readonly FileRow[]>) {
  let kind = wanted;
  let bad = 0;
  for await (const batch of read()) {
    for (const { line, row } of batch) {
      let words: string | null;
      if (isProblem(row)) words = row.problem;
      else {
        kind ??= kindOf(file, row);
        words = problemOf(kind, row);
      }
      if (words === null) continue;
      bad += 1;
      if (bad <= LIMITS.exchange.problems) process.stderr.write(`${file}: line ${line}: ${words}\n`);
    }
  }
  if (bad > LIMITS.exchange.problems) process.stderr.write(`${file}: … and ${bad - LIMITS.exchange.problems} more\n`);
  if (kind === null) throw new UsageError(`${file}: has no rows; expected an export of ${IMPORTED.join(", ")}`);
  return { kind, bad };
}

function isProblem(row: FileRow["row"]): row is { readonly problem: string } {
  return typeof row["problem" as keyof typeof row] === "string";
}

function problemOf(kind: ImportedKind, row: Readonly<Record<string, unknown>>): string | null {
  const made = importedOf(kind, row);
  if (!("problem" in made)) return null;
  const { column, found, expected } = made.problem;
  return `column ${column === "" ? "(all)" : column}: found ${(JSON.stringify(found) ?? "nothing").slice(0, 200)}; expected: ${expected}`;
}

async function write(
  store: ThreadedStore,
  kind: ImportedKind,
  batches: AsyncIterable<readonly FileRow[]>,
  oldest: number,
): Promise<Omit<Sums, "bad">> {
  const sums = { rows: 0, added: 0, tooOld: 0 };
  const progress = openProgress(process.stderr, () => performance.now());
  const most = kind === "alerts" ? LIMITS.exchange.batchAlerts : LIMITS.exchange.batchRows;
  let waiting: Imported[] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length > 0) sums.added += await store.importRows(batchOf(kind, waiting));
    waiting = [];
    progress.show(null, () => `${sums.rows} rows, ${sums.added} of them new`);
  };
  for await (const batch of batches) {
    for (const { row } of batch) {
      if (isProblem(row)) continue;
      const made = importedOf(kind, row);
      if ("problem" in made) continue;
      sums.rows += 1;
      // They would be rolled up and dropped at once, and counted again by the next import.
      if (kind === "readings" && (made as StoredReading).receivedAt < oldest) sums.tooOld += 1;
      else if (waiting.push(made) >= most) await flush();
    }
  }
  await flush();
  progress.end();
  return sums;
}

function batchOf(kind: ImportedKind, rows: readonly Imported[]) {
  if (kind === "readings") return { readings: rows as readonly StoredReading[] };
  if (kind === "works") return { works: rows as readonly WorkRow[] };
  return kind === "days" ? { days: rows as readonly DayCount[] } : { alerts: rows as readonly ImportedAlert[] };
}

function report(file: string, kind: ImportedKind, { rows, added, tooOld, bad }: Sums, json: boolean): void {
  const present = rows - added - tooOld;
  if (json) {
    process.stdout.write(`${JSON.stringify({ file, kind, rows, added, present, tooOld, bad })}\n`);
    return;
  }
  const old = tooOld === 0 ? "" : `, ${tooOld} older than --readings-days keeps`;
  const left = bad === 0 ? "" : `, ${bad} bad and left out`;
  process.stdout.write(`${file}: ${added} ${kind} added, ${present} there already${old}${left}\n`);
}
