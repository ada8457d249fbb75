/** The page's state and what moves it: session, feed, counts and the clock. Views read the signals and call the acts. */
import { computed, signal } from "@preact/signals";
import { atLeast, type Role } from "../../../src/access/access.ts";
import type { Alert } from "../../../src/core/effects.ts";
import { addCleared, createFeedState, type Outcome } from "./feed.ts";
import { type FeedSocket, type Link, openFeedSocket } from "./feed-socket.ts";
import type { Fleet } from "../../../src/core/fleet.ts";
import { arrange } from "./order.ts";
import { getCleared, getFleet, getLedger, getSession, getTrouble, type Ledger, Refused, type Session, signIn, signOut } from "./rest.ts";

/** Changes are shown this long after they came: one render for a burst, and no eye sees the wait. */
const SHOW_AFTER_MS = 50;
/** In a storm, on a slow machine, longer: rendering takes a quarter of the time at the most, and nothing waits longer than this. */
const SHOW_SHARE = 3;
const SHOW_WITHIN_MS = 600;
const POLL_MS = 10_000;
/** A poll that takes long is made seldom: at most a tenth of the time goes into it. */
const POLL_SHARE = 9;

export type Entrance = "checking" | "signed-out" | "signed-in" | "unreachable";

/** The default of the program's `timezone` setting. */
const DEFAULT_ZONE = "Asia/Shanghai";

const state = createFeedState();
let socket: FeedSocket | null = null;
let showTimer: number | undefined;
/** What the last showing took, ms, until the page had time again. */
let showingMs = 0;
let pollTimer: number | undefined;
/** Distinguishes the present session's calls from those of one that has ended. */
let visit = 0;

export const entrance = signal<Entrance>("checking");
export const session = signal<Session | null>(null);
export const link = signal<Link>({ phase: "connecting" });
export const lastFrameAt = signal<number | null>(null);
/** This machine's clock, ms, once a second. */
export const localNow = signal(Date.now());
/** Grows when the lists have changed. */
const shown = signal(0);
export const urgent = signal<readonly Alert[]>([]);
export const fleet = signal<{ readonly counts: Fleet; readonly at: number } | null>(null);
export const ledger = signal<Ledger | null>(null);
export const trouble = signal<string | null>(null);

export const known = computed(() => (shown.value, state.known));
export const truncated = computed(() => (shown.value, state.truncated));
export const lists = computed(() => (shown.value, arrange(state.active.values(), state.cleared.values())));
/** The monitor's clock, ms, as far as its heartbeats tell. */
export const now = computed(() => (shown.value, localNow.value + state.clockOffsetMs));
export const zone = computed(() => fleet.value?.counts.timezone ?? DEFAULT_ZONE);
/** An operator's acts are for operators and above (contract §6). */
export const mayAct = computed(() => may("operator"));
/** True when what is shown may no longer be so: no connection, or two heartbeats missed. */
export const stale = computed(
  () => link.value.phase !== "open" || lastFrameAt.value === null || localNow.value - lastFrameAt.value > state.heartbeatMs * 2,
);
export const countsStale = computed(() => fleet.value !== null && localNow.value - fleet.value.at > POLL_MS * 6);

/** Whether who is signed in may do what `needed` may. What they may not is not offered. */
export function may(needed: Role): boolean {
  return session.value !== null && atLeast(session.value.role, needed);
}

export function alertById(id: string): Alert | undefined {
  return state.active.get(id) ?? state.cleared.get(id);
}

/** Begins: looks who is signed in, and shows the live part of the page if somebody is. */
export async function enter(): Promise<void> {
  window.setInterval(() => (localNow.value = Date.now()), 1_000);
  document.addEventListener("visibilitychange", () => {
    localNow.value = Date.now();
    if (document.visibilityState === "visible") socket?.hurry();
  });
  await look();
}

/** @throws Refused when the token is not good. */
export async function enterWith(token: string): Promise<void> {
  begin(await signIn(token));
}

export async function leave(): Promise<void> {
  await signOut().catch(() => undefined);
  signedOut();
}

export function hurry(): void {
  socket?.hurry();
}

/** Looks who is signed in, and starts or ends the live part of the page accordingly. */
async function look(): Promise<void> {
  try {
    begin(await getSession());
  } catch (error) {
    if (error instanceof Refused && error.status === 401) signedOut();
    else if (entrance.value === "checking" || entrance.value === "unreachable") {
      entrance.value = "unreachable";
      window.setTimeout(() => void look(), 3_000);
    }
  }
}

function begin(who: Session): void {
  session.value = who;
  entrance.value = "signed-in";
  if (socket !== null) return;
  visit += 1;
  socket = openFeedSocket(location.origin, state, {
    link(next) {
      link.value = next;
      if (next.phase === "signed-out") signedOut();
    },
    frame: onFrame,
    refused: () => void look(),
  });
  void poll(visit);
}

function signedOut(): void {
  visit += 1;
  socket?.close();
  socket = null;
  clearTimeout(pollTimer);
  Object.assign(state, { cursor: null, known: false, truncated: false });
  state.active.clear();
  state.cleared.clear();
  session.value = null;
  fleet.value = null;
  ledger.value = null;
  lastFrameAt.value = null;
  urgent.value = [];
  shown.value += 1;
  entrance.value = "signed-out";
}

function onFrame(outcome: Outcome, receivedAt: number): void {
  localNow.value = receivedAt;
  lastFrameAt.value = receivedAt;
  if (outcome.urgent.length > 0) urgent.value = outcome.urgent;
  if (outcome.snapshot) void fillCleared(visit);
  showTimer ??= window.setTimeout(show, Math.min(SHOW_WITHIN_MS, Math.max(SHOW_AFTER_MS, showingMs * SHOW_SHARE)));
}

function show(): void {
  showTimer = undefined;
  const began = performance.now();
  shown.value += 1;
  window.setTimeout(() => (showingMs = performance.now() - began), 0);
}

async function fillCleared(of: number): Promise<void> {
  const alerts = await getCleared(50).catch(() => []);
  if (of !== visit) return;
  addCleared(state, alerts);
  shown.value += 1;
}

/** Counts, ledger and health, every ten seconds; what fails keeps its last value, whose age is shown. Not while nobody looks. */
async function poll(of: number): Promise<void> {
  if (document.visibilityState === "hidden") {
    pollTimer = window.setTimeout(() => void poll(of), POLL_MS);
    return;
  }
  const began = performance.now();
  const [lifts, readings, health] = await Promise.allSettled([getFleet(), getLedger(), getTrouble()]);
  if (of !== visit) return;
  if (lifts.status === "fulfilled") fleet.value = { counts: lifts.value, at: Date.now() };
  if (readings.status === "fulfilled") ledger.value = readings.value;
  if (health.status === "fulfilled") trouble.value = health.value;
  const refused = [lifts, readings].some((answer) => answer.status === "rejected" && isUnauthorized(answer.reason));
  if (refused) {
    signedOut();
    return;
  }
  const waitMs = Math.max(POLL_MS, (performance.now() - began) * POLL_SHARE);
  pollTimer = window.setTimeout(() => void poll(of), waitMs);
}

function isUnauthorized(reason: unknown): boolean {
  return reason instanceof Refused && reason.status === 401;
}
