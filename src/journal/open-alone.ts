/** The journal of a data directory whose program is stopped: nothing else may write, and nothing is let go by age or size. */
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { OperationalError } from "../errors.ts";
import type { Journal } from "./journal.ts";
import { openJournal } from "./open.ts";

/** @throws OperationalError where a program uses the directory. */
export async function openJournalAlone(data: string): Promise<Journal> {
  try {
    return await openJournal({
      directory: join(data, "journal"),
      clock: systemClock(),
      maxBytes: Infinity,
      maxAgeMs: Infinity,
      onFatal(error) {
        throw error;
      },
    });
  } catch (error) {
    if (error instanceof OperationalError && error.code === "data-directory-in-use")
      throw new OperationalError(error.code, `${error.message}; stop the program first`, { cause: error });
    throw error;
  }
}
