/** The store of the kill tests: of a directory, or of an InfluxDB's address. */
import { openEmbeddedStore } from "../../src/store/embedded.ts";
import { openInfluxStore } from "../../src/store/influx/influx.ts";
import type { ThreadedStore } from "../../src/store/threaded.ts";

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
