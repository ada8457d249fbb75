/**
 * Sends what waits for one target: some at a time, critical first, an alert's messages in their order, each until it is
 * taken, too old, or tried too often. While the target fails, the uncritical wait behind one probe.
 */
import type { Delivery, Outcome } from "./delivery.ts";

export interface SenderLimits {
  readonly inFlightPerTarget: number;
  readonly attempts: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

export interface SenderOptions {
  /** What waits for this target, oldest first. */
  readonly waiting: () => Iterable<Delivery>;
  /** @throws (rejects) where it was perhaps not taken. */
  readonly send: (delivery: Delivery, signal: AbortSignal) => Promise<void>;
  readonly onDone: (delivery: Delivery, outcome: Outcome) => void;
  readonly onTried: (delivery: Delivery) => void;
  /** Whether it is too old by now. */
  readonly isExpired: (delivery: Delivery) => boolean;
  readonly limits: SenderLimits;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface Sender {
  /** Why the last attempt failed; null once one succeeds. */
  readonly failure: string | null;
  readonly inFlight: number;
  /** Something may be due. Cheap. */
  kick(): void;
  /** Begins nothing more; gives what is under way `withinMs`, then breaks it off. */
  close(withinMs: number): Promise<void>;
}

/** Full jitter: anything from nothing to the whole of it, so that those who failed together do not come back together. */
export function backOffMs(attempts: number, { retryMinMs, retryMaxMs }: SenderLimits, random: () => number): number {
  return Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(attempts - 1, 30)) * random();
}

export function createSender(options: SenderOptions): Sender {
  const { limits, random } = options;
  const aborter = new AbortController();
  const underWay = new Map<string, Promise<void>>();
  /** When a delivery that failed may be tried again, by the process's own clock. */
  const notBefore = new Map<string, number>();
  let failure: string | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let scheduled = false;
  let stopping = false;
  let closed = false;

  function kick(): void {
    if (scheduled || stopping) return;
    scheduled = true;
    // Not within what called: that is the journal's turn.
    setImmediate(() => {
      scheduled = false;
      begin();
    });
  }

  function begin(): void {
    if (stopping) return;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const now = performance.now();
    const busyAlerts = new Set<string>();
    const due: Delivery[] = [];
    let next = Infinity;
    for (const delivery of options.waiting()) {
      const earlier = delivery.alertId !== null && busyAlerts.has(delivery.alertId);
      if (delivery.alertId !== null) busyAlerts.add(delivery.alertId);
      if (earlier || underWay.has(delivery.id)) continue;
      const from = notBefore.get(delivery.id) ?? 0;
      if (from > now) next = Math.min(next, from);
      else due.push(delivery);
    }
    for (const critical of [true, false]) {
      const most = critical || failure === null ? limits.inFlightPerTarget : 1;
      for (const delivery of due) {
        if (underWay.size >= most) break;
        if ((delivery.priority === "critical") === critical) start(delivery);
      }
    }
    if (next < Infinity) timer = setTimeout(kick, Math.max(1, next - now));
  }

  function start(delivery: Delivery): void {
    const attempt = tryOnce(delivery).finally(() => {
      underWay.delete(delivery.id);
      kick();
    });
    underWay.set(delivery.id, attempt);
  }

  async function tryOnce(delivery: Delivery): Promise<void> {
    if (options.isExpired(delivery)) {
      settle(delivery, "expired");
      return;
    }
    try {
      await options.send(delivery, aborter.signal);
      failure = null;
      delivery.attempts += 1;
      settle(delivery, "sent");
    } catch (error) {
      // Broken off by the stop: the next start sends it, and has as many attempts as this one had.
      if (closed) return;
      failure = error instanceof Error ? error.message : String(error);
      delivery.attempts += 1;
      delivery.lastError = failure.slice(0, 300);
      if (delivery.attempts >= limits.attempts) {
        settle(delivery, "failed");
        return;
      }
      const asked = (error as { readonly retryAfterMs?: number }).retryAfterMs ?? 0;
      notBefore.set(delivery.id, performance.now() + Math.max(asked, backOffMs(delivery.attempts, limits, random)));
      options.onTried(delivery);
    }
  }

  function settle(delivery: Delivery, outcome: Outcome): void {
    notBefore.delete(delivery.id);
    options.onDone(delivery, outcome);
  }

  return {
    get failure() {
      return failure;
    },
    get inFlight() {
      return underWay.size;
    },
    kick,
    async close(withinMs) {
      let rest: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        rest = setTimeout(resolve, withinMs);
      });
      if (timer !== null) clearTimeout(timer);
      timer = null;
      stopping = true;
      await Promise.race([Promise.all(underWay.values()), late]);
      clearTimeout(rest);
      closed = true;
      // A transport that cannot be broken off ends by its own time; nobody waits for it.
      aborter.abort();
    },
  };
}
