/** The store that the settings name, and a mirror beside it. */
import { join } from "node:path";
import { Calendar } from "./core/calendar.ts";
import { OperationalError } from "./errors.ts";
import type { Journal } from "./journal/journal.ts";
import type { Settings } from "./settings/schema.ts";
import { openEmbeddedStore } from "./store/embedded.ts";
import { dayBegins } from "./store/day-begins.ts";
import { openInfluxMirror, openInfluxStore } from "./store/influx/influx.ts";
import type { KeepFrom } from "./store/store.ts";
import type { ThreadedStore } from "./store/threaded.ts";

const DAY_MS = 86_400_000;

/**
 * `fresh`: an embedded store that is there is moved aside, whatever its state.
 * @throws OperationalError where it cannot be had. An InfluxDB that cannot be reached is had later.
 */
export async function openStore(
  settings: Settings,
  timezone: string,
  journal: Journal,
  log: (line: string) => void,
  { fresh = false }: { readonly fresh?: boolean } = {},
): Promise<ThreadedStore> {
  if (settings.store === "embedded") return openEmbedded(join(settings.data, "store"), journal, log, fresh);
  return openInfluxStore({
    ...influxTarget(settings),
    journalId: journal.id,
    journalEnd: journal.lastSeq,
    timezone,
    readingsDays: orForEver(settings.readingsDays),
    minutesDays: orForEver(settings.minutesDays),
  });
}

/** With the embedded store and an address: a mirror. Null without one. */
export async function openMirror(settings: Settings, timezone: string, journal: Journal) {
  if (settings.store !== "embedded" || settings.influxUrl === undefined) return null;
  return openInfluxMirror({
    ...influxTarget(settings),
    journalId: journal.id,
    journalEnd: journal.lastSeq,
    timezone,
    file: join(settings.data, "mirror", "reached.json"),
  });
}

export function influxTarget(settings: Settings) {
  return {
    url: settings.influxUrl ?? "",
    version: settings.influxVersion,
    bucket: settings.influxBucket,
    org: settings.influxOrg,
    token: settings.influxToken,
    username: settings.influxUsername,
    password: settings.influxPassword,
  };
}

function orForEver(days: number): number | null {
  return days === 0 ? null : days;
}

/** Where the days to keep begin: whole days of the site's zone, today's not counted. */
export function keptFrom(settings: Pick<Settings, "readingsDays" | "minutesDays">, timezone: string, now: number): KeepFrom {
  const calendar = new Calendar(timezone);
  const begin = (days: number) => (days === 0 ? null : dayBegins(calendar.dayOf(now - days * DAY_MS), timezone));
  return { readings: begin(settings.readingsDays), minutes: begin(settings.minutesDays) };
}

/**
 * A store that cannot be read is made again: the journal has what is in it, as far back as it goes. So is one that knows
 * entries which the journal lost: their numbers will be given out again.
 */
async function openEmbedded(dir: string, journal: Journal, log: (line: string) => void, fresh: boolean): Promise<ThreadedStore> {
  const rebuild = (reason: string) => {
    log(`store: ${reason}; it is moved aside and made again from the journal`);
    return openEmbeddedStore({ dir, journalId: journal.id, rebuild: true });
  };
  if (fresh) return rebuild("it is made afresh");
  let store: ThreadedStore;
  try {
    store = await openEmbeddedStore({ dir, journalId: journal.id });
  } catch (error) {
    // `store-failed` is what DuckDB says of a file in words that we do not know: it is kept aside, so nothing is lost by making it again.
    if (!(error instanceof OperationalError) || !["store-corrupt", "store-failed"].includes(error.code)) throw error;
    return rebuild(error.message);
  }
  if (store.offset <= journal.lastSeq) return store;
  await store.close();
  return rebuild(`it knows entries up to ${store.offset}, and the journal ends at ${journal.lastSeq}`);
}
