/** The thread that makes one snapshot: it folds the journal from the last one to an entry. What it throws reaches the program, which then makes it itself. */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { openDataDirectory } from "./recording/data-directory.ts";
import { foldJournal, monitorAt } from "./recovery.ts";
import type { SaveTask } from "./saving.ts";
import { writeSnapshot } from "./snapshots.ts";
import { giveWay } from "./worker.ts";

const { data, position, changeCount, counts } = workerData as SaveTask;

giveWay();
// What is unreadable now was read when it was written: the program's own state has it, and this one would not.
const { journal, snapshots, onCorrupt } = await openDataDirectory(data, (line) => {
  throw new Error(line);
});
const monitor = await monitorAt(snapshots, position);
await foldJournal(monitor, journal, () => undefined, onCorrupt, position);
const came = { position: monitor.position, changeCount: monitor.changeCount, counts: monitor.counts };
if (!isDeepStrictEqual(came, { position, changeCount, counts }))
  throw new Error(`the journal folds to ${JSON.stringify(came)}; expected ${JSON.stringify({ position, changeCount, counts })}`);
await writeSnapshot(join(data, "snapshots"), position, monitor.snapshot());
parentPort?.postMessage("written", []);
