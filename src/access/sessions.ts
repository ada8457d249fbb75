/** One-time sign-in tokens and browser sessions, in memory, bounded. */
import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Person, Session, SignIns } from "./access.ts";
import { newToken } from "./credentials.ts";

export interface SessionOptions {
  readonly clock: Clock;
  /** Most sessions; the oldest ends when one more begins. */
  readonly sessions: number;
  readonly sessionMs: number;
  /** Most one-time tokens that wait to be used; the oldest is void when one more is given out. */
  readonly signInTokens: number;
  readonly signInTokenMs: number;
  /** Whether the person may still sign in, as they were. */
  readonly stillKnown: (person: Person) => boolean;
}

interface Ticket {
  readonly person: Person;
  readonly expiresAt: number;
}

export interface Sessions extends SignIns {
  /** Tells the listeners that somebody has lost access. */
  ended(): void;
}

export function createSessions(options: SessionOptions): Sessions {
  const { clock, stillKnown } = options;
  // Keyed by a hash of the secret, so that neither a heap dump nor the timing of a look-up gives one away. Oldest first.
  const tickets = new Map<string, Ticket>();
  const sessions = new Map<string, Ticket>();
  const listeners = new Set<() => void>();

  function put(map: Map<string, Ticket>, most: number, person: Person, livesMs: number): { secret: string; ticket: Ticket } {
    const secret = newToken();
    const ticket = { person, expiresAt: clock.now() + livesMs };
    map.set(digest(secret), ticket);
    for (const key of map.keys()) {
      if (map.size <= most) break;
      map.delete(key);
    }
    return { secret, ticket };
  }

  function begin(person: Person): Session {
    const full = sessions.size >= options.sessions;
    const { secret, ticket } = put(sessions, options.sessions, person, options.sessionMs);
    if (full) ended();
    return { id: secret, ...ticket };
  }

  function ended(): void {
    for (const listener of listeners) listener();
  }

  return {
    issueSignIn: (person) => put(tickets, options.signInTokens, person, options.signInTokenMs).secret,

    redeem(token) {
      const key = digest(token);
      const ticket = tickets.get(key);
      tickets.delete(key);
      if (ticket === undefined || ticket.expiresAt <= clock.now() || !stillKnown(ticket.person)) return null;
      return begin(ticket.person);
    },

    begin,

    session(id) {
      const key = digest(id);
      const ticket = sessions.get(key);
      if (ticket === undefined) return null;
      if (ticket.expiresAt <= clock.now() || !stillKnown(ticket.person)) {
        sessions.delete(key);
        return null;
      }
      return { id, ...ticket };
    },

    signOut(id) {
      if (sessions.delete(digest(id))) ended();
    },

    onSignOut(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    ended,
  };
}

function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
