/**
 * `npm run bench [NAMES…] [-- --write]`: runs the benches, all or those named, and prints a table on stdout. With `--write` the
 * parts of bench/RESULTS.md that belong to them are replaced.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchDecode } from "./decode.ts";
import { benchFeed } from "./feed.ts";
import { benchIngest } from "./ingest.ts";
import { benchJournal } from "./journal.ts";
import { benchLearning } from "./learning.ts";
import { benchMonitor } from "./monitor.ts";
import { benchProfile } from "./profile.ts";
import { writeResults } from "./results.ts";
import type { BenchRow } from "./row.ts";
import { benchSimulate } from "./simulate.ts";
import { benchStore } from "./store.ts";
import { benchStoreInflux } from "./store-influx.ts";
import { benchStoreTrends } from "./store-trends.ts";
import { machine, table } from "./table.ts";
import { benchTrends } from "./trends.ts";

const BENCHES: Readonly<Record<string, () => BenchRow[] | Promise<BenchRow[]>>> = {
  decode: () => benchDecode(),
  monitor: () => benchMonitor(),
  learning: () => benchLearning(),
  journal: () => benchJournal(),
  store: async () => [...(await benchStore()), ...(await benchStoreInflux()), ...(await benchStoreTrends())],
  feed: () => benchFeed(),
  simulate: () => benchSimulate(),
  ingest: () => benchIngest(),
  profile: () => benchProfile(),
  trends: () => benchTrends(),
};
const RESULTS = join(import.meta.dirname, "RESULTS.md");

const { values, positionals } = parseArgs({ options: { write: { type: "boolean", default: false } }, allowPositionals: true });
const unknown = positionals.filter((name) => BENCHES[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`no such bench: ${unknown.join(", ")}; expected ${Object.keys(BENCHES).join(", ")}\n`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(BENCHES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  const before = machine();
  const rows = await bench();
  process.stdout.write(`\n${name}: ${before}\n\n${table(rows)}\n`);
  if (values.write) writeResults(RESULTS, name, before, rows);
}
