/** Opens the journal in the directory given, says how that went on stdout, and holds it until stdin ends. */
import { systemClock } from "../../src/clock.ts";
import { OperationalError } from "../../src/errors.ts";
import { openJournal } from "../../src/journal/open.ts";

try {
  const journal = await openJournal({
    directory: process.argv[2] ?? "",
    clock: systemClock(),
    maxBytes: Infinity,
    maxAgeMs: Infinity,
    onFatal: () => process.exit(1),
  });
  process.stdout.write("open\n");
  process.stdin.on("end", () => void journal.close()).resume();
} catch (error) {
  process.stdout.write(`${error instanceof OperationalError ? error.code : String(error)}\n`);
}
