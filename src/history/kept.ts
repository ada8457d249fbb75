/**
 * The imported history as it is kept: CSV files in DATA/history with our columns and times in UTC, in the order of their numbers. They are not
 * part of the store: a store that is made again knows nothing of them, and they outlive it.
 */
import { createReadStream } from "node:fs";
import { open, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse";
import { LIMITS } from "../config.ts";
import { privateDirectory } from "../files/durable-file.ts";
import { OperationalError } from "../errors.ts";
import { csvRow, HISTORY_COLUMNS, keyOf, TIME_COLUMNS } from "./event.ts";
import type { HistoryEvent } from "./event.ts";

const FILE = /^(\d{6})\.csv$/;

export function historyDirectory(data: string): string {
  return join(data, "history");
}

/**
 * All events, each once, as it was told last.
 * @throws OperationalError `history-corrupt` where a file is not as it was written.
 */
export async function keptHistory(data: string): Promise<Map<string, HistoryEvent>> {
  const events = new Map<string, HistoryEvent>();
  for (const file of await filesOf(data))
    for await (const event of eventsOf(join(historyDirectory(data), file))) events.set(keyOf(event), event);
  return events;
}

/** Adds a file with these events; on return it is on the disk. Returns its name. */
export async function keep(data: string, events: readonly HistoryEvent[]): Promise<string> {
  const directory = historyDirectory(data);
  await privateDirectory(directory);
  const last = (await filesOf(data)).at(-1) ?? "000000.csv";
  const name = `${String(Number(last.slice(0, 6)) + 1).padStart(6, "0")}.csv`;
  // Its own name while it is written: a second import at the same time is refused, not mixed with this one.
  const part = join(directory, `${name}.part`);
  const handle = await open(part, "wx", 0o600).catch((error: unknown) => {
    throw new OperationalError(
      "history-busy",
      `${part} cannot be made (${(error as Error).message}); expected no other import, or remove what one left behind`,
    );
  });
  try {
    await handle.write(`${HISTORY_COLUMNS.join(",")}\n`);
    for (let start = 0; start < events.length; start += LIMITS.history.rows)
      await handle.write(
        `${events
          .slice(start, start + LIMITS.history.rows)
          .map(csvRow)
          .join("\n")}\n`,
      );
    await handle.sync();
    await handle.close();
    await rename(part, join(directory, name));
  } catch (error) {
    await unlink(part).catch(() => undefined);
    throw error;
  }
  const parent = await open(directory, "r");
  await parent.sync().finally(() => parent.close());
  return name;
}

async function filesOf(data: string): Promise<string[]> {
  const names = await readdir(historyDirectory(data)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => FILE.test(name)).toSorted();
}

async function* eventsOf(file: string): AsyncGenerator<HistoryEvent> {
  const parser = createReadStream(file).pipe(parse({ columns: true }));
  let row = 0;
  for await (const cells of parser as AsyncIterable<Readonly<Record<string, string>>>) {
    row += 1;
    const times = Object.fromEntries(TIME_COLUMNS.map((column) => [column, cells[column] === "" ? null : Date.parse(cells[column] ?? "")]));
    if (Object.values(times).some((time) => Number.isNaN(time)) || times["at"] === null)
      throw new OperationalError("history-corrupt", `${file}: row ${row} has a time that is none; expected the file as it was imported`);
    const { liftId = "", event = "", code = "", note = "" } = cells;
    yield { liftId, event, code, note, ...times } as unknown as HistoryEvent;
  }
}
