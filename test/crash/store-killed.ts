/** The store of the kill tests: of a directory, or of an InfluxDB's address. Compiled: its thread starts twice as fast as from sources. */
import { openEmbeddedStore } from "../../dist/src/store/embedded.js";
import { openInfluxStore } from "../../dist/src/store/influx/influx.js";
import type { ThreadedStore } from "../../dist/src/store/threaded.js";

export function openKilledStore(where: string): Promise<ThreadedStore> {
  if (!where.startsWith("http:"))
    return openEmbeddedStore({ dir: where, journalId: "killed", limits: { checkpointMb: 1, sortPieceRows: 500 } });
  return openInfluxStore({
    url: where,
    version: 1,
    bucket: "hoistway",
    org: "",
    token: "",
    username: "",
    password: "",
    journalId: "killed",
    journalEnd: Number.MAX_SAFE_INTEGER,
    timezone: "Asia/Shanghai",
    readingsDays: null,
    minutesDays: null,
  });
}
