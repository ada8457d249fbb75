/**
 * The outbox: a durable offset in the journal, and the state of each message that follows from the changes up to it. A
 * decision is on the disk before anything of it is sent, and what was sent is recorded after: at least once, with one key.
 */
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { LIMITS } from "../config.ts";
import { decideInSlices, finish, worthMs, type Surroundings } from "./decide.ts";
import type { Delivery, Finished, LiftFacts, Outcome, Transport } from "./delivery.ts";
import { messageOf } from "./message.ts";
import type { NotificationRow, Notifications } from "./notifications.ts";
import { openOutboxFile, readOutbox } from "./outbox-file.ts";
import type { Plan } from "./plan.ts";
import { createSender, type Sender, type SenderLimits } from "./sender.ts";
import { OutboxState, type Decision } from "./state.ts";

export type OutboxLimits = SenderLimits & Pick<Surroundings, "waiting" | "waitingMost" | "watches">;

export interface OutboxOptions {
  readonly plan: Plan;
  readonly transports: ReadonlyMap<string, Transport>;
  /** Directory of its file; made where it is missing. */
  readonly directory: string;
  readonly journalId: string;
  /** Newest entry of the journal: a first start begins there. */
  readonly journalEnd: number;
  /** The least offset from which the journal can still be followed. */
  readonly followableFrom: number;
  /** The site's time zone. */
  readonly timezone: string;
  readonly clock: Clock;
  readonly factsOf: (liftId: string) => LiftFacts | null;
  readonly log: (line: string) => void;
  /** Bounds other than LIMITS.notify, for tests. */
  readonly limits?: Partial<OutboxLimits>;
  /** Bytes added before the file is begun anew, other than LIMITS.notify.fileBytes, for tests. */
  readonly fileBytes?: number;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
}

/** @throws OperationalError `notifications-unwritable` */
export async function openOutbox(options: OutboxOptions): Promise<Notifications> {
  const { plan, clock, journalId, journalEnd, log } = options;
  const limits: OutboxLimits = { ...LIMITS.notify, ...options.limits };
  const file = join(options.directory, "outbox.ndjson");
  const state = new OutboxState(LIMITS.notify.records);
  const { lines, unreadable } = await readOutbox(file);
  for (const line of lines) state.apply(line);
  if (unreadable > 0) log(`notifications: ${unreadable} lines of ${file} cannot be read; what they said is lost`);
  const reason = whyFromTheEnd(state, options);
  if (reason !== null) {
    if (lines.length > 0) log(`notifications: ${reason}; they go on from the journal's end`);
    state.journalId = journalId;
    state.offset = journalEnd;
    state.time = clock.now();
    state.watches.clear();
    state.windows.clear();
  }
  const counts = { sent: 0, failed: 0, expired: 0, dropped: 0, retried: 0 };
  for (const delivery of state.pending.values()) {
    if (!options.transports.has(delivery.target)) settle(delivery, "dropped");
  }
  const records = await openOutboxFile({ file, lines: () => state.lines(), mostBytes: options.fileBytes ?? LIMITS.notify.fileBytes });

  const senders = new Map<string, Sender>();
  let ticks: { readonly seq: number; readonly at: number }[] = [];
  let persistedAt = performance.now();
  let durableOffset = state.offset;
  let started = false;

  for (const [name, transport] of options.transports) {
    const target = plan.targets[name];
    if (target === undefined) continue;
    const wording = { lang: target.lang, timezone: options.timezone, link: plan.link };
    senders.set(
      name,
      createSender({
        *waiting() {
          for (const delivery of state.pending.values()) if (delivery.target === name) yield delivery;
        },
        send: async (delivery, signal) => transport.send(messageOf(delivery, wording), signal),
        onDone(delivery, outcome) {
          record(settle(delivery, outcome), true);
          if (outcome === "failed")
            log(`notifications: ${delivery.id} given up after ${delivery.attempts} attempts (${delivery.lastError})`);
        },
        onTried(delivery) {
          counts.retried += 1;
          quietly(records.add({ line: "tried", id: delivery.id, attempts: delivery.attempts, error: delivery.lastError ?? "" }));
        },
        isExpired: (delivery) => clock.now() - delivery.at > worthMs(plan, delivery),
        limits,
        random: options.random ?? Math.random,
      }),
    );
  }

  function settle(delivery: Delivery, outcome: Outcome): Finished {
    const finished = finish(delivery, outcome, clock.now());
    counts[outcome] += 1;
    // Here at once: whether or not the disk takes the record, it is not sent a second time by this process.
    state.apply({ line: "done", finished });
    return finished;
  }

  function record(finished: Finished, durable: boolean): void {
    quietly(records.add({ line: "done", finished }, durable ? () => undefined : undefined));
  }

  /** The newest tick among the entries up to `to`; those before it are not needed any more. */
  function timeAt(to: number): number {
    let time = 0;
    let index = 0;
    for (; index < ticks.length && (ticks[index]?.seq ?? Infinity) <= to; index++) time = ticks[index]?.at ?? time;
    if (index > 0) ticks = ticks.slice(index);
    return time;
  }

  function kickAll(): void {
    if (!started) return;
    for (const sender of senders.values()) sender.kick();
  }

  return {
    get offset() {
      return state.offset;
    },
    get durableOffset() {
      return durableOffset;
    },
    get stats() {
      const each = [...senders.values()];
      return {
        ...counts,
        offset: state.offset,
        pending: state.pending.size,
        inFlight: each.reduce((sum, sender) => sum + sender.inFlight, 0),
        failingTargets: each.filter((sender) => sender.failure !== null).length,
      };
    },
    get trouble() {
      if (records.failure !== null) return { unwritable: true, message: `the outbox cannot be written (${records.failure})` };
      const failing = [...senders].flatMap(([name, { failure }]) => (failure === null ? [] : [`${name}: ${failure}`]));
      return failing.length === 0 ? null : { unwritable: false, message: failing.join("; ") };
    },
    async write({ to, changes }) {
      if (to <= state.offset) return;
      const slices = decideInSlices(
        state,
        { to, changes, time: timeAt(to) },
        {
          plan,
          now: clock.now(),
          factsOf: options.factsOf,
          waiting: limits.waiting,
          waitingMost: limits.waitingMost,
          watches: limits.watches,
        },
      );
      let step = slices.next();
      for (; step.done !== true; step = slices.next()) await turn();
      const decision = step.value;
      if (isEmpty(decision)) {
        state.apply(decision);
        if (performance.now() - persistedAt < LIMITS.notify.offsetEveryMs) return;
      }
      await records.add(decision, () => {
        state.apply(decision);
        durableOffset = decision.offset;
      });
      for (const { outcome } of decision.finished) counts[outcome] += 1;
      persistedAt = performance.now();
      if (decision.deliveries.length > 0) kickAll();
    },
    tick(seq, at) {
      ticks.push({ seq, at });
      // Behind by more than this the changes' own times carry it.
      if (ticks.length > LIMITS.notify.ticks) ticks = ticks.slice(-LIMITS.notify.ticks / 2);
    },
    recent: (alertId, limit) => recentOf(state, alertId, limit),
    start() {
      started = true;
      kickAll();
    },
    async close(withinMs) {
      await Promise.all([...senders.values()].map((sender) => sender.close(withinMs)));
      await Promise.all([...options.transports.values()].map((transport) => transport.close()));
      const { offset, time } = state;
      await records
        .add({ line: "decision", offset, time, deliveries: [], finished: [], watches: [], windows: [] }, () => undefined)
        .catch((error: unknown) => log(`notifications: ${(error as Error).message}`));
      await records.close();
    },
  };
}

/** A failure is told by `trouble`, and the next write begins a file that has everything. */
function quietly(promise: Promise<void>): void {
  promise.catch(() => undefined);
}

/** Why what was noted cannot be gone on with; null where it can. */
function whyFromTheEnd(state: OutboxState, { journalId, journalEnd, followableFrom, clock, plan }: OutboxOptions): string | null {
  if (state.journalId !== journalId || state.offset > journalEnd) return "the journal is another one than before, or shorter";
  if (state.offset === journalEnd) return null;
  if (state.offset < followableFrom) return "the journal does not go back to where they stopped";
  // What lies between could not be sent any more, and a fold of it takes long.
  return clock.now() - state.time > worthMs(plan, { priority: "critical" }) ? "they were off for too long" : null;
}

function isEmpty({ deliveries, finished, watches, windows }: Decision): boolean {
  return deliveries.length + finished.length + watches.length + windows.length === 0;
}

function recentOf(state: OutboxState, alertId: string | null, limit: number): NotificationRow[] {
  const rows: NotificationRow[] = [];
  const wanted = (row: { readonly alertId: string | null }) => alertId === null || row.alertId === alertId;
  for (const { content: _content, ...heading } of [...state.pending.values()].toReversed()) {
    if (rows.length === limit) return rows;
    if (wanted(heading)) rows.push({ ...heading, outcome: "pending", finishedAt: null });
  }
  for (let index = state.finished.length - 1; index >= 0 && rows.length < limit; index--) {
    const finished = state.finished[index];
    if (finished !== undefined && wanted(finished)) rows.push(finished);
  }
  return rows;
}
