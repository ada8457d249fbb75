/** The data directory to be backed up: of a program that runs, which keeps it still meanwhile, or of one that is stopped. */
import { once } from "node:events";
import { join } from "node:path";
import { extentAnswer } from "../api/backup-routes.ts";
import { askRunning } from "../control.ts";
import { OperationalError } from "../errors.ts";
import { openJournalAlone } from "../journal/open-alone.ts";
import { openEmbeddedStore } from "../store/embedded.ts";
import type { Extent } from "./holds.ts";

export interface Held {
  /** @throws OperationalError where it is not held any more. */
  check(): void;
  release(): void;
}

export interface Source {
  readonly running: boolean;
  extent(): Promise<Extent>;
  holdJournal(): Promise<Held>;
  holdStore(): Promise<Held>;
  close(): Promise<void>;
}

/** @throws OperationalError where a program uses the directory and cannot be asked. */
export async function openSource(data: string, version: string, store: Extent["store"], log: (line: string) => void): Promise<Source> {
  const answer = await askRunning(data, "GET", "/api/backup");
  if (answer === null) return stopped(data, version, store, log);
  const first = extentAnswer.parse(await answer.json());
  return {
    running: true,
    async extent() {
      const again = await askRunning(data, "GET", "/api/backup");
      if (again === null) throw gone();
      const extent = extentAnswer.parse(await again.json());
      if (extent.journalId !== first.journalId) throw gone();
      return extent;
    },
    holdJournal: () => hold(data, "/api/backup/hold-journal"),
    holdStore: () => hold(data, "/api/backup/hold-store"),
    close: async () => undefined,
  };
}

/** Nobody else writes: the journal's lock is held. */
async function stopped(data: string, version: string, store: Extent["store"], log: (line: string) => void): Promise<Source> {
  const nothing: Held = { check: () => undefined, release: () => undefined };
  const journal = await openJournalAlone(data);
  let storeOffset = 0;
  if (store === "embedded") {
    try {
      // It folds its log into its file; and one that is damaged is better known now than at the restore.
      const opened = await openEmbeddedStore({ dir: join(data, "store"), journalId: journal.id });
      storeOffset = opened.offset;
      await opened.close();
    } catch (error) {
      log(`store: ${(error as Error).message}; it is copied as it is`);
    }
  }
  return {
    running: false,
    extent: async () => ({
      journalId: journal.id,
      version,
      firstSeq: journal.firstSeq,
      position: journal.lastSeq,
      store,
      storeOffset,
      files: journal.files,
    }),
    holdJournal: async () => nothing,
    holdStore: async () => nothing,
    close: () => journal.close(),
  };
}

/** For as long as the answer is being read. */
async function hold(data: string, path: string): Promise<Held> {
  const answer = await askRunning(data, "POST", path);
  if (answer === null) throw gone();
  if (answer.status !== 200) await answer.json();
  const { body } = answer;
  let ended = false;
  for (const event of ["end", "close", "error"]) {
    body.on(event, () => {
      ended = true;
    });
  }
  // Held from the first line on.
  await once(body, "data");
  body.resume();
  return {
    check() {
      if (ended) throw gone();
    },
    release() {
      body.destroy();
    },
  };
}

function gone(): OperationalError {
  return new OperationalError("backup-failed", "the program ended, or let go of its files, before they were copied; try again");
}
