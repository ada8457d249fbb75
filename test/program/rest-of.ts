/** REST over a data directory that no program uses: the monitor at the journal's end, and its store, behind the real routes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAccess } from "../../dist/src/access/open-access.js";
import type { Backend } from "../../src/api/backend.ts";
import { openHttp } from "../../src/api/http.ts";
import { systemClock } from "../../src/clock.ts";
import { createFeed } from "../../src/feed/create-feed.ts";
import { openJournalAlone } from "../../dist/src/journal/open-alone.js";
import { emptyMonitor, foldJournal } from "../../src/recovery.ts";
import { loadSettings } from "../../src/settings/settings.ts";
import { openStore } from "../../dist/src/stores.js";
import { MemoryBackend } from "../integration/api-double.ts";
import { type Rest, restClient } from "./rest.ts";

export interface OfflineRest extends AsyncDisposable {
  readonly rest: Rest;
}

/** The journal must be whole: it is folded from its beginning. */
export async function restOf(flags: Readonly<Record<string, string>>): Promise<OfflineRest> {
  const settings = loadSettings(flags, {}, undefined);
  const journal = await openJournalAlone(settings.data);
  const store = await openStore(settings, settings.timezone, journal, (line) => {
    throw new Error(line);
  });
  const monitor = emptyMonitor();
  await foldJournal(
    monitor,
    journal,
    () => undefined,
    () => undefined,
  );
  const { received, accepted, duplicate, late, quarantined } = monitor.counts;
  const double = new MemoryBackend();
  const backend: Backend = Object.assign(Object.create(double) as MemoryBackend, {
    journalId: journal.id,
    monitor,
    store,
    recentAlerts: () => monitor.alerts(),
    recentChanges: () => [],
    ledger: () => ({
      received,
      accepted,
      duplicate,
      late,
      quarantined,
      stored: store.storedReadings,
      pending: accepted - store.storedReadings,
    }),
  });
  const directory = await mkdtemp(join(tmpdir(), "hoistway-rest-"));
  const clock = systemClock();
  const access = await openAccess({ dir: directory, enabled: false, liftIds: [], clock });
  const feed = createFeed({ journalId: journal.id, clock, activeAlerts: () => [], lastChange: () => 0, changesAfter: async () => [] });
  const http = await openHttp({ backend, access, feed, host: "127.0.0.1", port: 0, dashboard: null });
  return {
    rest: restClient(http.url, null),
    async [Symbol.asyncDispose]() {
      await http.close();
      await store.close();
      await journal.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
