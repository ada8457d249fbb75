/** What `hoistway doctor` signs in with at the broker: given to administrators, for the one lift that is none, and for a minute. */
import type { Clock } from "../clock.ts";
import { LIMITS } from "../config.ts";
import { PROBE_LIFT } from "../core/probe.ts";
import type { DeviceIdentity } from "./access.ts";
import { hashToken, newToken, sameHash } from "./credentials.ts";

export interface ProbeSignIn {
  readonly username: string;
  readonly token: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

export interface ProbeAccess {
  /** A new token; the one before is void. */
  issue(): ProbeSignIn;
  /** Null where it is not the probe, or its time is over. */
  device(user: string | undefined, token: string | undefined): DeviceIdentity | null;
}

const IDENTITY: DeviceIdentity = { name: PROBE_LIFT, mayPublish: (liftId) => liftId === PROBE_LIFT };

export function createProbeAccess(clock: Clock): ProbeAccess {
  const key = newToken();
  let hash: string | null = null;
  let expiresAt = 0;
  return {
    issue() {
      const token = newToken();
      hash = hashToken(key, token);
      expiresAt = clock.now() + LIMITS.access.probeMs;
      return { username: PROBE_LIFT, token, expiresAt };
    },
    device(user, token) {
      if (user !== PROBE_LIFT || token === undefined || hash === null || clock.now() > expiresAt) return null;
      return sameHash(hashToken(key, token), hash) ? IDENTITY : null;
    },
  };
}
