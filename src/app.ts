/**
 * The one place that wires: ingress → journal → monitor → store, feed, REST. An entry is durable before the monitor sees it,
 * and the monitor has seen it before it is acknowledged; everything behind the monitor is a view that may lag.
 */
import { join } from "node:path";
import { openAccess } from "./access/open-access.ts";
import { createProbeAccess } from "./access/probe.ts";
import { createHolds } from "./backup/holds.ts";
import type { Backend, Ledger, PartHealth } from "./api/backend.ts";
import { openHttp } from "./api/http.ts";
import { openBroker } from "./broker.ts";
import { inTheClear, openCertificate } from "./certificate.ts";
import { systemClock } from "./clock.ts";
import { LIMITS } from "./config.ts";
import { openControl } from "./control.ts";
import { foreignTopics } from "./core/adapters/translate.ts";
import type { ActOutcome, Change } from "./core/effects.ts";
import type { LiftRecord } from "./core/lift.ts";
import type { Rules } from "./core/rules.ts";
import { OperationalError } from "./errors.ts";
import { createFeed } from "./feed/create-feed.ts";
import { describeDamage, healthOf } from "./health.ts";
import { openHealthPoints } from "./health-points.ts";
import type { Deliver } from "./ingress/ingress.ts";
import { draftOfAct, draftOfMessage, draftOfRules, draftOfTick, draftOfWorkOrder, draftsOfRegister } from "./journal/entries.ts";
import type { Draft } from "./journal/journal.ts";
import { openJournal } from "./journal/open.ts";
import { openNotifying } from "./notifying.ts";
import type { Plan } from "./notify/plan.ts";
import { createRecentAlerts } from "./recent-alerts.ts";
import { recorder } from "./recording/live.ts";
import { entriesOf, foldJournal, monitorAt, readEntries } from "./recovery.ts";
import { sameLimits } from "./rules/file.ts";
import { createSaver } from "./saving.ts";
import { openSnapshots } from "./snapshots.ts";
import { createFollower } from "./store/follower.ts";
import { keptFrom, openMirror, openStore } from "./stores.ts";
import { openReporting } from "./reporting.ts";
import type { Settings } from "./settings/schema.ts";
import { openTrending } from "./trending.ts";

export interface AppOptions {
  readonly settings: Settings;
  /** The register of `--fleet`, or null to keep the one that the journal has. */
  readonly register: readonly LiftRecord[] | null;
  readonly rules: Rules;
  /** Who is notified of what, or null for nobody. */
  readonly notifications: Plan | null;
  readonly version: string;
  /** Directory of the built dashboard, or null to serve none. */
  readonly dashboard: string | null;
  /** One line for the person who runs it; never a secret. */
  readonly log: (line: string) => void;
  /** The disk can no longer be trusted: end the process with code 1; a restart recovers. */
  readonly onFatal: (error: Error) => void;
}

export interface App {
  /** Null where an external broker is used. */
  readonly mqttPort: number | null;
  readonly mqttsPort: number | null;
  readonly httpPort: number;
  /** Without a token. */
  readonly url: string;
  /** A URL that signs an administrator in once; the plain one with authentication off. */
  signInUrl(): string;
  /** Stops in good order; what does not stop in time is left to the journal. */
  close(): Promise<void>;
}

const TICK_MS = 1_000;
const GB = 1e9;
const DAY_MS = 86_400_000;

/** @throws OperationalError when a port, the data directory or a file of it cannot be had; nothing keeps running then. */
export async function openApp(options: AppOptions): Promise<App> {
  const cleanUps: (() => Promise<unknown> | void)[] = [];
  try {
    return await wire(options, cleanUps);
  } catch (error) {
    await cleanUp(cleanUps);
    throw error;
  }
}

/** Last in, first out. */
async function cleanUp(cleanUps: (() => Promise<unknown> | void)[]): Promise<void> {
  for (const undo of cleanUps.splice(0).toReversed()) await undo();
}

async function wire(options: AppOptions, cleanUps: (() => Promise<unknown> | void)[]): Promise<App> {
  const { settings, log } = options;
  for (const line of inTheClear(settings)) log(line);
  const certificate = openCertificate(settings, log);
  cleanUps.push(() => certificate?.close());
  const clock = systemClock();
  let corrupt = 0;
  const onCorrupt = (reason: string) => {
    corrupt += 1;
    log(`journal: ${reason}; it was passed over`);
  };

  const journal = await openJournal({
    directory: join(settings.data, "journal"),
    clock,
    maxBytes: settings.journalMaxGb * GB,
    maxAgeMs: settings.journalMaxDays * DAY_MS,
    onFatal: options.onFatal,
  });
  cleanUps.push(() => journal.close());
  for (const damage of journal.damage) log(`journal: ${describeDamage(damage)}`);
  const snapshots = await openSnapshots(join(settings.data, "snapshots"), journal.lastSeq);
  const timezone = options.rules.site.timezone;
  const store = await openStore(settings, timezone, journal, log);
  cleanUps.push(() => store.close());
  const mirror = await openMirror(settings, timezone, journal);
  cleanUps.push(() => mirror?.close());

  // The monitor, at the journal's end.
  const monitor = await monitorAt(snapshots, journal.lastSeq);
  const recent = createRecentAlerts();
  const feed = createFeed({
    journalId: journal.id,
    clock,
    activeAlerts: () => monitor.alerts(),
    lastChange: () => monitor.changeCount,
    changesAfter: (after, limit) => store.changesAfter(after, limit),
  });
  cleanUps.push(() => feed.close());
  const recovered = monitor.position;
  if (recovered < journal.firstSeq - 1)
    log(`no snapshot of this version stands before entry ${journal.firstSeq}, the oldest that is left: what came before it is not known`);
  await foldJournal(monitor, journal, ({ changes }) => tellPeople(changes), onCorrupt);
  if (monitor.position > recovered) log(`recovered ${monitor.position - recovered} journal entries after the snapshot at ${recovered}`);
  const trends = openTrending({ settings, store, monitor, timezone, log });
  cleanUps.push(() => trends.close());
  const follower = createFollower({
    store: trends.store,
    position: monitor.position,
    shadowAt: (offset) => monitorAt(snapshots, offset),
    read: (from) => readEntries(journal, from, onCorrupt),
  });
  cleanUps.push(() => follower.close());
  const mirrorFollower =
    mirror === null
      ? null
      : createFollower({
          store: mirror,
          position: monitor.position,
          shadowAt: (offset) => monitorAt(snapshots, offset),
          read: (from) => readEntries(journal, from, onCorrupt),
        });
  cleanUps.push(() => mirrorFollower?.close(LIMITS.influx.closeMs));

  const notifying =
    options.notifications === null
      ? null
      : await openNotifying({
          plan: options.notifications,
          settings,
          journalId: journal.id,
          // Without a snapshot to begin with only a whole journal can be folded.
          followableFrom: journal.firstSeq <= 1 ? 0 : (snapshots.positions()[0] ?? journal.lastSeq),
          monitor,
          timezone,
          version: options.version,
          clock,
          log,
          shadowAt: (offset) => monitorAt(snapshots, offset),
          read: (from) => readEntries(journal, from, onCorrupt),
        });
  cleanUps.push(() => notifying?.close());

  function tellPeople(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    feed.publish(changes);
    recent.take(changes);
  }

  const outcomes = new Map<number, ActOutcome>();
  journal.onCommit((records) => {
    // Of the whole group at once: the feed writes them to its clients before the ingress writes what it owes to devices.
    const changes: Change[] = [];
    for (const entry of entriesOf(records, onCorrupt)) {
      const effects = monitor.apply(entry);
      follower.take(entry.seq, effects);
      mirrorFollower?.take(entry.seq, effects);
      notifying?.take(entry, effects);
      for (const change of effects.changes) changes.push(change);
      if (effects.outcome !== null) outcomes.set(entry.seq, effects.outcome);
    }
    tellPeople(changes);
  });
  journal.onStatus(({ state, reason }) => {
    if (state === "stalled") log(`journal: the disk refuses writes (${reason}); nothing is acknowledged until it takes them again`);
    else if (state === "ok") log("journal: the disk takes writes again");
  });

  /** Resolves when the draft is durable and the monitor has applied it. */
  const append = (draft: Draft) =>
    new Promise<number>((resolve, reject) => journal.append(draft, (error, seq) => (error === null ? resolve(seq) : reject(error))));

  // What the journal's fold says differs from what the person set: that is a change like any other.
  if (options.register !== null && JSON.stringify(options.register) !== JSON.stringify(monitor.register)) {
    await Promise.all(draftsOfRegister(options.register).map(append));
  }
  if (JSON.stringify(options.rules) !== JSON.stringify(monitor.rules)) {
    const { version } = options.rules;
    if (version === monitor.rules.version && !sameLimits(options.rules, monitor.rules))
      log(`rules: version ${version} had other limits until now, and alerts carry that name; give the file a new version`);
    await append(draftOfRules(options.rules));
  }

  const access = await openAccess({
    dir: join(settings.data, "credentials"),
    enabled: settings.auth,
    liftIds: monitor.register.map((record) => record.liftId),
    clock,
  });
  const probe = createProbeAccess(clock);
  /** The oldest entry that a view may still have to be filled from. */
  function neededFrom(): number {
    // A store that was not reached yet may have stood anywhere: what there is stays.
    const offset = store.known ? store.offset : (snapshots.positions()[0] ?? 0);
    // A mirror that is away, or an outbox that cannot be written, must not fill the disk in the end.
    if (journal.sizeBytes > settings.journalMaxGb * GB) return offset;
    return Math.min(offset, mirror?.offset ?? Infinity, notifying?.notifications.durableOffset ?? Infinity);
  }
  const saver = createSaver({
    data: settings.data,
    snapshots,
    monitor,
    journal,
    neededFrom,
    held: () => holds.journalHeld,
    log,
  });
  const holds = createHolds({ settings, version: options.version, journal, store, settled: () => saver.settled() });
  cleanUps.push(() => saver.close());

  const deliver: Deliver = (arrival, done) =>
    journal.append(draftOfMessage(arrival.topic, arrival.payload, arrival.source, arrival.refusal), done);
  const ingress = await openBroker(settings, {
    certificate,
    deliver,
    authenticate: (user, token) => probe.device(user, token) ?? access.device(user, token),
    foreign: foreignTopics(options.rules),
    log,
  });
  cleanUps.push(() => ingress.close());
  cleanUps.push(access.onSignOut(() => ingress.recheck?.()));
  notifying?.start(ingress.publish);

  /** Rolls up and drops what is no longer to be kept. What fails is tried again the next time. */
  let keeping: Promise<void> | null = null;
  function keep(): void {
    keeping ??= store
      .keep(keptFrom(settings, timezone, clock.now()))
      .catch((error: unknown) => log(`store: nothing was dropped (${(error as Error).message}); it is tried again`))
      .finally(() => {
        keeping = null;
      });
  }
  const keepTimer = setInterval(keep, LIMITS.store.keepEveryMs);
  cleanUps.push(() => clearInterval(keepTimer));
  keep();

  // Ticks are entries too: one a second, and none on top of one that the disk has not taken yet.
  let ticking = false;
  const tick = setInterval(() => {
    if (!ticking) {
      ticking = true;
      journal.append(draftOfTick(), () => {
        ticking = false;
      });
    }
    recent.settle(store.offset);
    saver.whenDue();
  }, TICK_MS);
  cleanUps.push(() => clearInterval(tick));

  function ledger(): Ledger {
    const { received, accepted, duplicate, late, quarantined } = monitor.counts;
    // During a catch-up after damage the store may know readings that the monitor's journal has lost.
    const stored = Math.min(store.storedReadings, accepted);
    return { received, accepted, duplicate, late, quarantined, stored, pending: accepted - stored };
  }

  const health = (): PartHealth[] =>
    healthOf({
      journal: journal.status,
      ingress: ingress.stats,
      store: { ...follower.status, damage: store.damage },
      mirror: mirrorFollower?.status ?? null,
      notifications: notifying?.health() ?? null,
    });

  const reports = openReporting({ settings, trends, timezone, program: options.version, now: () => clock.now(), log });
  cleanUps.push(() => reports.close());

  const backend: Backend = {
    journalId: journal.id,
    version: options.version,
    monitor,
    store,
    trends,
    reports,
    recentAlerts: () => [...new Map([...recent.alerts(), ...monitor.alerts()].map((alert) => [alert.id, alert])).values()],
    recentChanges: (alertId) => recent.changes(alertId),
    async act(act) {
      const seq = await append(draftOfAct(act));
      const outcome = outcomes.get(seq);
      outcomes.delete(seq);
      if (outcome === undefined) throw new OperationalError("act-without-outcome", `act ${seq} was journalled and not judged`);
      return outcome;
    },
    async workOrder(order) {
      await append(draftOfWorkOrder(order));
    },
    holds,
    recording: recorder(journal, monitor, onCorrupt),
    probe: () => ({ ...probe.issue(), mqttPort: ingress.port }),
    site: { timezone, operatorPositions: settings.operatorPositions, now: () => clock.now() },
    notifications: notifying?.notifications ?? null,
    health,
    ledger,
    stats: () => ({
      ledger: ledger(),
      ingress: ingress.stats,
      journal: {
        ...journal.status,
        firstSeq: journal.firstSeq,
        lastSeq: journal.lastSeq,
        sizeBytes: journal.sizeBytes,
        damages: journal.damage.length + corrupt,
      },
      monitor: {
        position: monitor.position,
        changes: monitor.changeCount,
        lifts: monitor.liftIds().length,
        alerts: monitor.alerts().length,
      },
      follower: { offset: store.offset, ...follower.status },
      feed: feed.stats,
      notify: notifying?.notifications.stats ?? null,
    }),
  };
  const points = openHealthPoints(settings, {
    stats: () => backend.stats(),
    fleet: () => monitor.fleet(),
    alerts: () => monitor.alerts(),
    clock,
  });
  cleanUps.push(() => points?.close());
  const http = await openHttp({
    backend,
    access,
    feed,
    host: settings.host,
    port: settings.httpPort,
    certificate: settings.https ? certificate : null,
    dashboard: options.dashboard,
    onError: (error) => log(`http: ${String(error)}`),
  });
  cleanUps.push(() => http.close());
  const control = await openControl(settings.data, http.answerOwner).catch((error: unknown) => {
    // Lifts are watched all the same.
    log(`control: ${(error as Error).message}; verbs on this machine cannot ask this program`);
    return null;
  });
  cleanUps.push(() => control?.close());

  return {
    mqttPort: ingress.port,
    mqttsPort: ingress.tlsPort,
    httpPort: http.port,
    url: `${http.url}/`,
    signInUrl: () => (access.enabled ? `${http.url}/?token=${access.issueSignIn({ name: "admin", role: "admin" })}` : `${http.url}/`),
    close: () => cleanUp(cleanUps),
  };
}
