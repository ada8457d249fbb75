/** Writes known batches for ever and says after each how far it is known to be; test/crash/store-kill.test.ts kills it. */
import { openEmbeddedStore } from "../../src/store/embedded.ts";
import { batchAt } from "./store-kill-rows.ts";

const dir = process.argv[2]!;
const store = await openEmbeddedStore({ dir, journalId: "killed", limits: { checkpointMb: 1, sortPieceRows: 500 } });
process.stdout.write(`open ${store.offset}\n`);
for (let from = store.offset + 1; ;) {
  const batch = batchAt(from);
  await store.write(batch);
  process.stdout.write(`stored ${store.offset}\n`);
  from = batch.to + 1;
}
