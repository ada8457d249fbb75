/** The feed's interface: live changes of alerts over WebSockets (contract §5). The engine is `createFeed`. */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { Change } from "../core/effects.ts";

/** Why a client is not let in; the close code that it sees (contract §5). */
type FeedRefusal = 4401 | 4403;

/** Who is at the other end of a WebSocket that has just been opened. */
export interface FeedVisitor {
  /** `after`, `priority`, `district`, `liftId` as they stood in the URL. */
  readonly query: URLSearchParams;
  readonly refusal: FeedRefusal | null;
  /** Who signed in; absent where everybody is let in. */
  readonly name?: string | undefined;
  /** Whether what it signed in with still holds. */
  stillSignedIn(): boolean;
}

/** Plain counters since the start. */
export interface FeedStats {
  readonly clients: number;
  readonly connected: number;
  readonly frames: number;
  readonly resumed: number;
  readonly resynced: number;
  readonly closedSlow: number;
  readonly refused: number;
}

export interface Feed {
  readonly stats: FeedStats;
  /** Takes the changes of one journal entry, in order of `n`. Cheap: nothing is encoded or sent before the next flush. */
  publish(changes: readonly Change[]): void;
  /** Serves one client. `tcp` is the socket under `socket`. Call it in the turn in which the WebSocket opened. */
  connect(socket: WebSocket, tcp: Socket, visitor: FeedVisitor): void;
  /** Looks through all clients and closes those that are no longer signed in, with 4401. */
  recheck(): void;
  /** Says goodbye to all clients (1001) and stops its timers. */
  close(): void;
}
