/** Notifications as a view of the journal: the outbox, fed by a follower of its own at an offset of its own. */
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import { LIMITS } from "./config.ts";
import type { Effects } from "./core/effects.ts";
import type { Entry } from "./core/entry.ts";
import type { Monitor } from "./core/monitor.ts";
import type { PartHealth } from "./api/backend.ts";
import type { LiftFacts } from "./notify/delivery.ts";
import type { PublishHere } from "./notify/mqtt.ts";
import type { Notifications } from "./notify/notifications.ts";
import { notOpen, openNotifications } from "./notify/open.ts";
import type { Plan } from "./notify/plan.ts";
import type { Settings } from "./settings/schema.ts";
import { createFollower, type FollowerOptions } from "./store/follower.ts";

export interface NotifyingOptions {
  readonly plan: Plan;
  readonly settings: Settings;
  readonly journalId: string;
  /** The least offset from which the journal can still be followed. */
  readonly followableFrom: number;
  readonly monitor: Pick<Monitor, "lift" | "position">;
  readonly timezone: string;
  readonly version: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  readonly shadowAt: FollowerOptions["shadowAt"];
  readonly read: FollowerOptions["read"];
}

export interface Notifying {
  readonly notifications: Notifications;
  /** Called for each entry that the live monitor applies, in order, right after it. */
  take(entry: Entry, effects: Effects): void;
  /** Begins to send; `publish` is that of the embedded broker, where there is one. */
  start(publish: PublishHere | undefined): void;
  health(): PartHealth;
  close(): Promise<void>;
}

const NONE: Effects = { readings: [], changes: [], quarantined: [], days: [], works: [], outcome: null };

/** @throws OperationalError where the outbox cannot be written. */
export async function openNotifying(options: NotifyingOptions): Promise<Notifying> {
  const { settings, monitor, clock, plan, log } = options;
  let publishHere: PublishHere = notOpen;
  const notifications = await openNotifications({
    plan,
    directory: join(settings.data, "notifications"),
    journalId: options.journalId,
    journalEnd: monitor.position,
    followableFrom: options.followableFrom,
    timezone: options.timezone,
    version: options.version,
    clock,
    factsOf: (liftId) => factsOf(monitor, liftId),
    broker:
      settings.broker === undefined
        ? { publish: (topic, payload) => publishHere(topic, payload) }
        : { url: settings.broker, username: settings.brokerUsername, password: settings.brokerPassword },
    clientId: `${settings.brokerClientId}-notify`,
    log,
  });
  const { batchAgeMs, offsetAgeMs, batchRows, queueRows } = LIMITS.notify;
  const follower = createFollower({
    store: notifications,
    position: monitor.position,
    async shadowAt(offset) {
      const shadow = await options.shadowAt(offset);
      return {
        get position() {
          return shadow.position;
        },
        apply: (entry) => changesOf(shadow.apply(entry)),
      };
    },
    read: options.read,
    limits: { batchAgeMs, offsetAgeMs, batchRows, queueRows },
  });
  return {
    notifications,
    take(entry, effects) {
      if (entry.kind === "tick") notifications.tick(entry.seq, entry.receivedAt);
      follower.take(entry.seq, changesOf(effects));
    },
    start(publish) {
      if (publish !== undefined) publishHere = publish;
      notifications.start();
    },
    health() {
      const { trouble } = notifications;
      // A receiver that is away is the receiver's affair, and no reason to call this process ill: it is told, and tried again.
      return {
        part: "notifications",
        ok: trouble?.unwritable !== true && follower.status.mode !== "failing",
        message: trouble?.message ?? follower.status.lastError,
      };
    },
    async close() {
      await follower.close(LIMITS.notify.closeMs);
      await notifications.close(LIMITS.notify.closeMs);
    },
  };
}

/** Of what an entry brings about only the changes: readings need not wait here. */
function changesOf({ changes }: Effects): Effects {
  return changes.length === 0 ? NONE : { ...NONE, changes };
}

function factsOf(monitor: Pick<Monitor, "lift">, liftId: string): LiftFacts | null {
  const lift = monitor.lift(liftId);
  if (lift === null) return null;
  const { register, floor, persons } = lift;
  return { address: register?.address ?? null, userUnit: register?.userUnit ?? null, floor, persons };
}
