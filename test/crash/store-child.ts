/** Writes known batches for ever and says after each how far it is known to be; test/crash/store-kill.test.ts kills it. */
import { openKilledStore } from "./store-killed.ts";
import { batchAt } from "./store-kill-rows.ts";

const store = await openKilledStore(process.argv[2]!);
process.stdout.write(`open ${store.offset}\n`);
for (let from = store.offset + 1; ;) {
  const batch = batchAt(from);
  await store.write(batch);
  process.stdout.write(`stored ${store.offset}\n`);
  from = batch.to + 1;
}
