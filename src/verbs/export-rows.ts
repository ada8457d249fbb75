/** `export readings|alerts|days|works|quarantine`: rows of the store as CSV, Parquet or NDJSON (docs/operating.md). */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { LIMITS } from "../config.ts";
import { askRunning } from "../control.ts";
import { OperationalError, UsageError } from "../errors.ts";
import { copyReadings, type TableFormat, writeTable } from "../exchange/duckdb.ts";
import { COLUMNS, type Kind, type Row } from "../exchange/kinds.ts";
import { type RowFilter, rowsOf } from "../exchange/rows.ts";
import { liftsOf } from "./export-recording.ts";
import type { Journal } from "../journal/journal.ts";
import { openProgress } from "./progress.ts";
import { openJournalAlone } from "../journal/open-alone.ts";
import { foldJournal, monitorAt } from "../recovery.ts";
import { readRules } from "../rules/file.ts";
import { timeOf } from "./score.ts";
import { log } from "./process.ts";
import { settingsSchema } from "../settings/schema.ts";
import { loadSettings } from "../settings/settings.ts";
import { readSnapshots } from "../snapshots.ts";
import { openStore } from "../stores.ts";

export interface ExportRowsFlags {
  readonly format: TableFormat | "ndjson";
  readonly out: string;
  readonly from?: string;
  readonly to?: string;
  readonly lift?: readonly string[];
  readonly config?: string;
}

type Batches = AsyncIterable<readonly Row[]>;

export async function exportRows(kind: Kind, flags: ExportRowsFlags): Promise<void> {
  const { format, out } = flags;
  if (out === "-" && format !== "ndjson") throw new UsageError(`--out -: expected --format ndjson; a file is needed for ${format}`);
  const filter = filterOf(kind, flags);
  const own = Object.fromEntries(Object.entries(flags).filter(([key]) => Object.hasOwn(settingsSchema.shape, key)));
  const settings = loadSettings(own, process.env, flags.config);
  if (!existsSync(join(settings.data, "journal")))
    throw new UsageError(`--data ${settings.data}: holds no journal; expected a data directory`);
  const answer = await askRunning(settings.data, "GET", `/api/export/rows?${queryOf(kind, filter).toString()}`);
  let count: number;
  if (answer !== null) {
    if (answer.status !== 200) await answer.json();
    count = await write(kind, flags, received(answer.body));
  } else {
    const journal = await openJournalAlone(settings.data);
    try {
      const { timezone } = readRules(settings.rules, settings.timezone).site;
      // Opening it would make an empty one, and its rows would be none.
      if (settings.store === "embedded" && !existsSync(join(settings.data, "store", "store.duckdb")))
        throw new UsageError(
          `--data ${settings.data}: has no embedded store; expected the flags of serve (--store influx --influx-url …), or rebuild-store before it`,
        );
      const store = await openStore(settings, timezone, journal, log);
      let closed = false;
      try {
        if (!store.known) throw new OperationalError("store-unavailable", "the store cannot be reached");
        if (store.offset < journal.lastSeq)
          log(`the store has entries up to ${store.offset} of ${journal.lastSeq}; serve, or rebuild-store, brings it the others`);
        if (settings.store === "embedded" && kind === "readings" && format !== "ndjson") {
          // DuckDB writes the file itself from its own; its log has been folded into it by then.
          closed = true;
          await store.close();
          count = await whole(out, (part) =>
            copyReadings(join(settings.data, "store", "store.duckdb"), part, format, COLUMNS[kind], filter),
          );
        } else
          count = await write(kind, flags, rowsOf(store, kind, filter, filter.lifts === null ? await liftIds(settings.data, journal) : []));
      } finally {
        if (!closed) await store.close();
      }
    } finally {
      await journal.close();
    }
  }
  if (kind === "quarantine" && count === LIMITS.store.quarantinePage) log(`the newest ${count} are exported; there may be older ones`);
  process.stderr.write(`${count} ${kind}${out === "-" ? "" : ` in ${out}`}\n`);
}

function filterOf(kind: Kind, { from, to, lift }: ExportRowsFlags): RowFilter {
  const lifts = liftsOf("--lift", lift);
  if (kind !== "days") return { from: timeOf("--from", from), to: timeOf("--to", to), fromDay: null, toDay: null, lifts };
  for (const [flag, day] of [
    ["--from", from],
    ["--to", to],
  ] as const)
    if (day !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(day))
      throw new UsageError(`${flag}: expected a day such as 2026-01-05; found ${day}`);
  return { from: null, to: null, fromDay: from ?? null, toDay: to ?? null, lifts };
}

function queryOf(kind: Kind, { from, to, fromDay, toDay, lifts }: RowFilter): URLSearchParams {
  const query = new URLSearchParams({ kind });
  for (const [name, value] of Object.entries({ from, to, fromDay, toDay, liftId: lifts === null ? null : [...lifts].join(",") }))
    if (value !== null) query.set(name, String(value));
  return query;
}

/** Lifts that the monitor knows at the journal's end. */
async function liftIds(data: string, journal: Journal): Promise<readonly string[]> {
  const monitor = await monitorAt(await readSnapshots(join(data, "snapshots")), journal.lastSeq);
  await foldJournal(
    monitor,
    journal,
    () => undefined,
    (reason) => log(`journal: ${reason}; it was passed over`),
  );
  return monitor.liftIds();
}

/** @throws OperationalError where the answer ends before its last line. */
async function* received(body: Readable): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = [];
  let ended = false;
  for await (const line of createInterface({ input: body })) {
    if (line === "true") ended = true;
    else rows.push(JSON.parse(line) as Row);
    if (rows.length < LIMITS.exchange.pageRows) continue;
    yield rows;
    rows = [];
  }
  if (!ended) throw new OperationalError("export-failed", "the program stopped before it had given everything; nothing was written");
  if (rows.length > 0) yield rows;
}

async function write(kind: Kind, { format, out }: ExportRowsFlags, batches: Batches): Promise<number> {
  const progress = openProgress(process.stderr, () => performance.now());
  let count = 0;
  async function* counted(): AsyncGenerator<readonly Row[]> {
    for await (const rows of batches) {
      yield rows;
      count += rows.length;
      progress.show(null, () => `${count} ${kind}`);
    }
  }
  try {
    if (out === "-") for await (const rows of counted()) await print(ndjson(kind, rows));
    else if (format !== "ndjson") await whole(out, (part) => writeTable(part, format, COLUMNS[kind], counted()));
    else
      await whole(out, async (part) => {
        const file = await open(part, "w");
        try {
          for await (const rows of counted()) await file.writeFile(ndjson(kind, rows));
        } finally {
          await file.close();
        }
        return count;
      });
    return count;
  } finally {
    progress.end();
  }
}

/** In the order of the columns; what is absent is left out. */
function ndjson(kind: Kind, rows: readonly Row[]): string {
  const names = COLUMNS[kind].map(({ name }) => name);
  const line = (row: Row) =>
    `${JSON.stringify(Object.fromEntries(names.flatMap((name) => ((row[name] ?? null) === null ? [] : [[name, row[name]]]))))}\n`;
  return rows.map(line).join("");
}

async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Whole or not at all. */
async function whole(out: string, make: (part: string) => Promise<number>): Promise<number> {
  const part = `${out}.part`;
  try {
    const count = await make(part);
    await rename(part, out);
    return count;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
