/** The calls that the page makes (contract §6), on its own origin with the session cookie. */
import type { Alert, ChangeKind, DayCount } from "../../../src/core/effects.ts";
import type { ActName } from "../../../src/core/entry.ts";
import type { Fleet, FleetCounts } from "../../../src/core/fleet.ts";
import type { Judgement } from "../../../src/core/judged.ts";
import type { LiftLearning } from "../../../src/core/learning/learnt-view.ts";
import type { Rationale } from "../../../src/core/rationale/rationale.ts";
import type { LiftView } from "../../../src/core/view.ts";
import type { MinuteCount } from "../../../src/store/store.ts";
import type { Role } from "../../../src/access/access.ts";

/** An answer that was not 2xx. `code` and `message` are the server's own, or made from the status; `body` is what it said. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly code: string;
  readonly body: unknown;
  constructor(status: number, code: string, message: string, body: unknown) {
    super(message);
    this.body = body;
    this.status = status;
    this.code = code;
  }
}

/** Who is signed in, and where the site is. */
export interface Session {
  readonly name: string;
  readonly role: Role;
  /** How: with `off` nobody signs in, so nobody signs out. */
  readonly auth: "bearer" | "cookie" | "off";
}

export interface Ledger {
  readonly received: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly late: number;
  readonly quarantined: number;
  readonly stored: number;
  readonly pending: number;
}

/** A lift that a search found. */
export interface Found {
  readonly liftId: string;
  readonly district: string | null;
  readonly building: string | null;
  readonly address: string | null;
}

const DEADLINE_MS = 10_000;

/** One call; the answer's shape is the caller's to know. @throws Refused for an answer that is not 2xx. */
export async function call(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
  deadlineMs: number = DEADLINE_MS,
): Promise<unknown> {
  const sent = body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, {
    ...sent,
    method,
    credentials: "same-origin",
    signal: AbortSignal.timeout(deadlineMs),
  });
  const text = await response.text();
  const value = parse(text);
  if (response.ok) return value;
  const error = (value as { error?: { code?: string; message?: string } } | null)?.error;
  throw new Refused(response.status, error?.code ?? String(response.status), error?.message ?? response.statusText, value);
}

function parse(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** @throws Refused with status 401 when nobody is signed in. */
export async function getSession(): Promise<Session> {
  return (await call("GET", "/api/session")) as Session;
}

/** Trades a token for a session cookie. @throws Refused with status 401 when the token is not good. */
export async function signIn(token: string): Promise<Session> {
  return (await call("POST", "/api/session", { token })) as Session;
}

export async function signOut(): Promise<void> {
  await call("DELETE", "/api/session");
}

/** What is said with an act; which act takes what is in docs/alerts.md. */
export interface ActWords {
  readonly note?: string;
  readonly reason?: string;
  readonly minutes?: number;
}

/** @throws Refused with status 409 when the alert's state forbids it. */
export async function act(alertId: string, name: ActName, words: ActWords): Promise<void> {
  await call("POST", `/api/alerts/${encodeURIComponent(alertId)}/${name}`, words);
}

export async function getCleared(limit: number): Promise<readonly Alert[]> {
  return ((await call("GET", `/api/alerts?state=cleared&limit=${limit}`)) as { alerts: readonly Alert[] }).alerts;
}

export async function getLedger(): Promise<Ledger> {
  return (await call("GET", "/api/ledger")) as Ledger;
}

interface Health {
  readonly parts?: readonly { readonly part: string; readonly ok: boolean; readonly message?: string | null }[];
}

/** Null when all is well, else the parts of the program that are down, with what they say. */
export async function getTrouble(): Promise<string | null> {
  try {
    await call("GET", "/api/health");
    return null;
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 503) throw error;
    const down = ((error.body as Health | null)?.parts ?? []).filter((part) => !part.ok);
    return down.length === 0 ? error.message : down.map(({ part, message }) => (message ? `${part} (${message})` : part)).join(", ");
  }
}

/** Lifts counted by state and district. */
export async function getFleet(): Promise<Fleet> {
  return (await call("GET", "/api/fleet")) as Fleet;
}

/** Lifts whose code, building or address has `text` in it, those that begin with it first. */
export async function searchLifts(text: string, limit: number): Promise<readonly Found[]> {
  return ((await call("GET", `/api/search?q=${encodeURIComponent(text)}&limit=${limit}`)) as { lifts: readonly Found[] }).lifts;
}

/** One alert with its history, its evidence and why it is an alarm (docs/explain.md). */
export interface Explained extends Alert {
  readonly history: readonly {
    readonly cursor: string;
    readonly change: ChangeKind;
    readonly by: string | null;
    readonly note: string | null;
    readonly at: number;
    readonly alert: Alert;
  }[];
  readonly judged: readonly Judgement[];
  readonly rationale: Rationale;
  readonly journal: { readonly recording: string };
}

/** @throws Refused with status 404 when there is no such alert. */
export async function getAlert(id: string): Promise<Explained> {
  return (await call("GET", `/api/alerts/${encodeURIComponent(id)}`)) as Explained;
}

/** A district's lifts by building; `more`: buildings that are not in the answer. */
export async function getBuildings(district: string): Promise<{
  readonly buildings: readonly { readonly building: string | null; readonly counts: FleetCounts }[];
  readonly more: number;
}> {
  return (await call("GET", `/api/fleet/buildings?district=${encodeURIComponent(district)}`)) as Awaited<ReturnType<typeof getBuildings>>;
}

const ofLift = (id: string, what: string): string => `/api/lifts/${encodeURIComponent(id)}${what}`;

/** @throws Refused with status 404 when nobody knows the lift. */
export async function getLift(id: string): Promise<LiftView> {
  return (await call("GET", ofLift(id, ""))) as LiftView;
}

export async function getLearning(id: string): Promise<LiftLearning> {
  return (await call("GET", ofLift(id, "/learning"))) as LiftLearning;
}

/** The newest alerts of a lift, newest first. */
export async function getAlertsOf(id: string, limit: number): Promise<readonly Alert[]> {
  return ((await call("GET", `/api/alerts?liftId=${encodeURIComponent(id)}&limit=${limit}`)) as { alerts: readonly Alert[] }).alerts;
}

/** A reading as the traces need it; the payload's other fields are there too. `at`: device time, ms since the epoch. */
export interface Reading {
  readonly channel: string;
  readonly at: number;
  readonly speedMps?: number;
  readonly positionM?: number;
  readonly floor?: number;
  readonly state?: string;
  readonly door?: string;
  readonly persons?: number | null;
}

/** By `at`, ascending; `next` is null where there are no more. */
export async function getReadings(
  id: string,
  from: number,
  to: number,
  limit: number,
): Promise<{ readonly readings: readonly Reading[]; readonly next: string | null }> {
  const query = `/readings?from=${Math.floor(from)}&to=${Math.ceil(to)}&limit=${limit}`;
  return (await call("GET", ofLift(id, query))) as Awaited<ReturnType<typeof getReadings>>;
}

/** What a lift said in one minute; null where nothing of it was said. */
export type Minute = Omit<MinuteCount, "liftId">;

export async function getMinutes(
  id: string,
  from: number,
  to: number,
): Promise<{ readonly minutes: readonly Minute[]; readonly next: string | null }> {
  const query = `/minutes?from=${Math.floor(from)}&to=${Math.ceil(to)}&limit=20000`;
  return (await call("GET", ofLift(id, query))) as Awaited<ReturnType<typeof getMinutes>>;
}

export type Day = DayCount;

/** `from` and `to`: YYYY-MM-DD of the site's zone, inclusive. */
export async function getDays(id: string, from: string, to: string): Promise<readonly Day[]> {
  return ((await call("GET", ofLift(id, `/days?from=${from}&to=${to}`))) as { days: readonly Day[] }).days;
}
