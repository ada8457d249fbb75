/** Keeps one WebSocket to `/feed` open: resumes after the last cursor, waits longer after each failure, and notices silence. */
import { fold, type FeedState, type Outcome, parseFrame } from "./feed.ts";
import { feedUrl, retryWaitMs } from "./reconnect.ts";

/** A connection that lived so long was a good one: the next failure starts from the shortest wait again. */
const GOOD_AFTER_MS = 5_000;
const NOT_SIGNED_IN = 4401;

export type Link =
  | { readonly phase: "connecting" | "open" | "signed-out" }
  | { readonly phase: "waiting"; readonly retryAt: number; readonly closeCode: number };

export interface FeedSocket {
  /** Connects now instead of at the next retry. */
  hurry(): void;
  close(): void;
}

export interface FeedSocketEvents {
  link(link: Link): void;
  /** A frame came at `receivedAt` (this machine's clock, ms). */
  frame(outcome: Outcome, receivedAt: number): void;
  /** A handshake failed, which a browser does not explain: it may be that nobody is signed in. */
  refused(): void;
}

export function openFeedSocket(origin: string, state: FeedState, events: FeedSocketEvents): FeedSocket {
  let socket: WebSocket | null = null;
  let timer: number | undefined;
  let watchdog: number | undefined;
  let attempt = 0;
  let closed = false;

  function connect(): void {
    clearTimeout(timer);
    events.link({ phase: "connecting" });
    const current = new WebSocket(feedUrl(origin, state.cursor));
    let openedAt: number | null = null;
    socket = current;
    listen();
    current.addEventListener("open", () => {
      openedAt = Date.now();
      events.link({ phase: "open" });
      listen();
    });
    current.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (closed || socket !== current) return;
      listen();
      const frame = typeof event.data === "string" ? parseFrame(event.data) : null;
      if (frame === null) return;
      const receivedAt = Date.now();
      const outcome = fold(state, frame, receivedAt);
      events.frame(outcome, receivedAt);
      if (outcome.outOfStep) {
        state.cursor = null;
        current.close(4000, "out of step");
        ended(current, 4000, openedAt);
      }
    });
    current.addEventListener("close", (event) => ended(current, event.code, openedAt));
  }

  /** A connection that is dead without saying so looks like a quiet one, or like one being made; two missed heartbeats tell. */
  function listen(): void {
    clearTimeout(watchdog);
    watchdog = window.setTimeout(() => {
      const silent = socket;
      if (silent === null) return;
      silent.close(4000, "no heartbeat");
      ended(silent, 4000, null);
    }, state.heartbeatMs * 2);
  }

  function ended(which: WebSocket, code: number, openedAt: number | null): void {
    if (closed || which !== socket) return;
    socket = null;
    clearTimeout(watchdog);
    if (code === NOT_SIGNED_IN) {
      events.link({ phase: "signed-out" });
      return;
    }
    if (openedAt === null) events.refused();
    attempt = openedAt !== null && Date.now() - openedAt >= GOOD_AFTER_MS ? 0 : attempt + 1;
    const waitMs = retryWaitMs(attempt, Math.random());
    events.link({ phase: "waiting", retryAt: Date.now() + waitMs, closeCode: code });
    timer = window.setTimeout(connect, waitMs);
  }

  function hurry(): void {
    if (!closed && socket === null) connect();
  }

  window.addEventListener("online", hurry);
  connect();
  return {
    hurry,
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(watchdog);
      window.removeEventListener("online", hurry);
      socket?.close(1000);
    },
  };
}
