/** A backend on plain objects, a store on arrays, and an HTTP client that can send any header. */
import { request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { Backend, Ledger, PartHealth, Stats } from "../../src/api/backend.ts";
import { countFleet, type Fleet } from "../../src/core/fleet.ts";
import { perform } from "../../src/core/alert-acts.ts";
import type { ActOutcome, Alert, Change, DayCount, Quarantined, StoredReading } from "../../src/core/effects.ts";
import type { Act, WorkOrder } from "../../src/core/entry.ts";
import type { LiftLearning, UnusualLift } from "../../src/core/learning/learnt-view.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import type { LiftView } from "../../src/core/view.ts";
import type { Scope } from "../../src/reports/document.ts";
import { makeReport } from "../../src/reports/make.ts";
import type { Period } from "../../src/reports/period.ts";
import { Facts } from "../../src/trends/facts/facts.ts";
import { answerAsked, type Asked, type Wanted } from "../../src/trends/questions/asked.ts";
import type { AlertsQuery, DaysQuery, MinuteCount, MinutesQuery, Page, ReadingsQuery } from "../../src/store/store.ts";
import { anAlert } from "../alert-rows.ts";

export function makeAlert(id: string, changes: Partial<Alert> = {}): Alert {
  return anAlert({
    id,
    priority: "critical",
    raisedAt: 1_000,
    detectedAt: 1_010,
    rule: { version: "builtin-1", limits: { alarmFactor: 1.1 } },
    details: { speedMps: 2.4 },
    entries: { first: 1, last: 2 },
    lift: { district: "武江", building: "B1", firm: "F1" },
    ...changes,
  });
}

export function makeChange(n: number, changes: Partial<Change> = {}): Change {
  return { n, seq: n * 2, at: 5_000 + n, change: "raised", by: null, note: null, alert: makeAlert(`A${n}`), ...changes };
}

export function makeLift(liftId: string, changes: Partial<LiftView> = {}): LiftView {
  return {
    liftId,
    registered: true,
    state: "in-service",
    register: { liftId, district: "武江", building: "B1", firm: "F1", ratedSpeedMps: 1.75 },
    at: 1_000,
    receivedAt: 1_005,
    clockSkewMs: 5,
    boot: "",
    seq: 1,
    online: true,
    keepAliveS: 60,
    doors: { front: "closed", rear: null },
    speedMps: 0,
    floor: 1,
    positionM: null,
    doorZone: true,
    levelOffsetMm: null,
    mode: "normal",
    powered: true,
    persons: 0,
    loadKg: null,
    faults: [],
    alerts: [],
    cannotJudge: [],
    ...changes,
  };
}

export class MemoryBackend implements Backend {
  facts = new Facts("Asia/Shanghai");
  readonly trends = {
    ask: async (asked: Asked, wanted: Wanted) => {
      const { text, next } = await answerAsked({ facts: this.facts, register: [] }, asked, wanted);
      return { bytes: new TextEncoder().encode(text), next };
    },
    reload: () => Promise.resolve({ lifts: this.facts.liftIds.length, version: this.facts.version }),
  };
  readonly reports = {
    make: (period: Period, scope: Scope) =>
      makeReport(
        {
          population: { facts: this.facts, register: [] },
          store: this.store,
          timezone: "Asia/Shanghai",
          operatorPositions: 2,
          program: "0.1.0",
          madeAt: 0,
        },
        period,
        scope,
      ),
  };
  readonly holds = {
    journalHeld: false,
    extent: () => ({
      journalId: "journal-1",
      version: "0.1.0",
      firstSeq: 1,
      position: 10,
      store: "embedded" as const,
      storeOffset: 5,
      files: [{ name: "0000000000000001.segment", bytes: 100 }],
    }),
    journal: async () => ({ release: () => undefined }),
    store: async () => ({ release: () => undefined }),
  };
  readonly journalId = "journal-1";
  readonly version = "0.1.0";
  readonly site = { timezone: "Asia/Shanghai", operatorPositions: 2, now: () => 1_800_000_000_000 };
  readonly lifts = new Map<string, LiftView>();
  /** All changes ever; those up to `storedTo` are in the store. */
  readonly changes: Change[] = [];
  storedTo = 0;
  readonly readings: StoredReading[] = [];
  readonly rejected: Quarantined[] = [];
  parts: PartHealth[] = [
    { part: "journal", ok: true, message: null },
    { part: "store", ok: true, message: null },
  ];
  counts: Ledger = { received: 10, accepted: 7, duplicate: 2, late: 1, quarantined: 1, stored: 5, pending: 2 };
  actFails: Error | null = null;
  storeFails: Error | null = null;
  readonly minutes: MinuteCount[] = [];
  readonly days: DayCount[] = [];
  readonly acts: Act[] = [];
  readonly learnt = new Map<string, LiftLearning>();
  readonly workOrders: WorkOrder[] = [];

  add(change: Omit<Change, "n" | "seq"> & Partial<Change>): Change {
    const n = this.changes.length + 1;
    const made = { ...change, n, seq: n };
    this.changes.push(made);
    return made;
  }

  private newest(changes: readonly Change[]): Map<string, Alert> {
    return new Map(changes.map(({ alert }) => [alert.id, alert]));
  }

  /** What the monitor holds: active alerts, and cleared ones that wait for acknowledgement. */
  private held(): Alert[] {
    return [...this.newest(this.changes).values()].filter(({ state, acknowledged }) => state === "active" || !acknowledged);
  }

  readonly monitor = {
    rules: DEFAULT_RULES,
    alert: (id: string): Alert | null => this.held().find((alert) => alert.id === id) ?? null,
    lift: (id: string): LiftView | null => this.lifts.get(id) ?? null,
    liftIds: (): readonly string[] => [...this.lifts.keys()],
    learning: (id: string): LiftLearning | null => this.learnt.get(id) ?? null,
    unusual: (most: number): readonly UnusualLift[] =>
      [...this.learnt.values()]
        .flatMap(({ liftId, unusual }) => (unusual === null ? [] : [{ liftId, district: null, building: null, ...unusual }]))
        .slice(0, most),
    fleet: (): Fleet =>
      countFleet(
        [...this.lifts.values()].map(({ registered, state, register }) => ({
          registered,
          condition: state,
          district: register?.district ?? null,
        })),
        "Asia/Shanghai",
      ),
  };

  readonly store = {
    readings: async (query: ReadingsQuery): Promise<Page<StoredReading>> => {
      if (this.storeFails !== null) throw this.storeFails;
      const from = query.after === undefined ? 0 : Number(query.after);
      const rows = this.readings.filter(
        ({ liftId, channel, reading }) =>
          liftId === query.liftId &&
          (query.channel ?? channel) === channel &&
          reading.at >= (query.from ?? 0) &&
          reading.at < (query.to ?? Infinity),
      );
      return { rows: rows.slice(from, from + query.limit), next: rows.length > from + query.limit ? String(from + query.limit) : null };
    },
    minutes: async ({ liftId, from = 0, to = Infinity, limit, after = "0" }: MinutesQuery): Promise<Page<MinuteCount>> => {
      if (this.storeFails !== null) throw this.storeFails;
      const rows = this.minutes.filter((row) => row.liftId === liftId && row.at >= from && row.at < to);
      const start = Number(after);
      return { rows: rows.slice(start, start + limit), next: rows.length > start + limit ? String(start + limit) : null };
    },
    days: async ({ liftId, from = "", to = "9999" }: DaysQuery): Promise<readonly DayCount[]> => {
      if (this.storeFails !== null) throw this.storeFails;
      return this.days.filter((row) => row.liftId === liftId && row.day >= from && row.day <= to);
    },
    alerts: async (query: AlertsQuery): Promise<Page<Alert>> => {
      if (this.storeFails !== null) throw this.storeFails;
      return pageOf([...this.newest(this.changes.slice(0, this.storedTo)).values()], query);
    },
    history: async (id: string): Promise<readonly Change[]> => this.changes.slice(0, this.storedTo).filter(({ alert }) => alert.id === id),
    changesAfter: async (after: number, limit: number): Promise<readonly Change[]> =>
      this.changes
        .slice(0, this.storedTo)
        .filter(({ n }) => n > after)
        .slice(0, limit),
    works: async () => ({ rows: [], next: null }),
    quarantined: async (limit: number): Promise<readonly Quarantined[]> => this.rejected.slice(0, limit),
  };

  recentAlerts(): readonly Alert[] {
    const held = this.held().map((alert): [string, Alert] => [alert.id, alert]);
    return [...new Map([...held, ...this.newest(this.changes.slice(this.storedTo))]).values()];
  }

  recentChanges(alertId: string): readonly Change[] {
    return this.changes.slice(this.storedTo).filter(({ alert }) => alert.id === alertId);
  }

  async workOrder(order: WorkOrder): Promise<void> {
    if (this.actFails !== null) throw this.actFails;
    this.workOrders.push(order);
  }

  async act(act: Act): Promise<ActOutcome> {
    if (this.actFails !== null) throw this.actFails;
    this.acts.push(act);
    const known = this.newest(this.changes).get(act.alertId);
    if (known === undefined) return { ok: false, code: "unknown-alert", act: act.act, message: "there is no such alert" };
    const alert = { ...known };
    const done = perform(alert, act, 9_000, DEFAULT_RULES);
    if (typeof done !== "string") return { ok: false, act: act.act, ...done };
    this.add({ at: 9_000, change: done, by: act.by, note: act.note, alert });
    return { ok: true, code: "done", act: act.act, message: "" };
  }

  async recording() {
    return { stretch: { first: 1, last: 0 }, lines: async function* () {} };
  }

  readonly notifications = null;

  probe() {
    return { username: "hoistway-probe", token: "t", expiresAt: 1, mqttPort: 1_883 };
  }

  health(): readonly PartHealth[] {
    return this.parts;
  }

  ledger(): Ledger {
    return this.counts;
  }

  stats(): Stats {
    return {
      ledger: this.counts,
      ingress: {
        connections: 3,
        inFlight: 1,
        refusedConnections: 4,
        state: "up",
        publishes: 8,
        bytes: 1_600,
        refusedPublishes: 1,
        oversized: 0,
        failedPublishes: 0,
        refusedSignIns: 2,
        protocolErrors: 0,
        timeouts: 0,
        slowClients: 0,
        reconnects: 0,
      },
      journal: { state: "ok", reason: null, pendingRecords: 1, pendingBytes: 200, firstSeq: 1, lastSeq: 99, sizeBytes: 4_096, damages: 0 },
      monitor: { position: 99, changes: this.changes.length, lifts: this.lifts.size, alerts: this.held().length },
      follower: { offset: 90, behindEntries: 9, rowsWaiting: 9, failures: 2, ratePerS: 0, leftS: 0 },
      notify: { offset: 98, pending: 2, inFlight: 1, failingTargets: 1, sent: 5, failed: 1, expired: 0, dropped: 0, retried: 3 },
      feed: { clients: 0, connected: 1, frames: 2, resumed: 0, resynced: 0, closedSlow: 0, refused: 0 },
    };
  }
}

/** A page of alerts as a store gives it, with a cursor of its own. */
export function pageOf(alerts: readonly Alert[], query: AlertsQuery): Page<Alert> {
  const rows = alerts
    .filter(
      (alert) =>
        (query.state ?? alert.state) === alert.state &&
        (query.hazard ?? alert.hazard) === alert.hazard &&
        (query.liftId ?? alert.liftId) === alert.liftId &&
        alert.raisedAt >= (query.from ?? -Infinity) &&
        alert.raisedAt < (query.to ?? Infinity),
    )
    .sort((a, b) => b.raisedAt - a.raisedAt || (a.id < b.id ? -1 : 1));
  const from = query.after === undefined ? 0 : Number(query.after.slice(1));
  return { rows: rows.slice(from, from + query.limit), next: rows.length > from + query.limit ? `#${from + query.limit}` : null };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: unknown;
}

/** Sends exactly these headers, Host and Origin included, and the path as it is written. */
export function call(
  base: string,
  path: string,
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(base);
  const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "object" ? { "content-type": "application/json" } : {};
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers: { ...type, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const got = Buffer.concat(chunks).toString();
        const isJson = response.headers["content-type"]?.startsWith("application/json") === true;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: got, json: isJson ? JSON.parse(got) : null });
      });
    });
    sent.on("error", reject);
    sent.end(text);
  });
}
