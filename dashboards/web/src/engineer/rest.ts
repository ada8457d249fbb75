/** What the engineer's pages ask of the server. */
import type { Alert } from "../../../../src/core/effects.ts";
import type { Rules } from "../../../../src/core/rules.ts";
import type { Channel } from "../../../../src/core/reading.ts";
import { call, type Explained, getAlert, type Ledger } from "../rest.ts";

/** A reading as REST gives it: the payload's fields, and where it came from. */
export interface ShownReading {
  readonly channel: Channel;
  readonly receivedAt: number;
  readonly late: boolean;
  readonly at: number;
  readonly seq: number;
  readonly [field: string]: unknown;
}

/** What the page's other views need of an explained alert, and the readings around it. */
export interface ExplainedAlert extends Explained {
  readonly readings: readonly ShownReading[];
  readonly around: { readonly from: number; readonly to: number; readonly truncated: boolean };
  readonly journal: { readonly first: number; readonly last: number; readonly recording: string };
}

/** What of JSON Schema the limits use. */
export interface LimitSchema {
  readonly description?: string;
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, LimitSchema>>;
}

export interface RulesAnswer {
  readonly inForce: Rules;
  readonly builtIn: Rules;
  readonly schema: LimitSchema;
}

export interface RulesMistake {
  readonly line: number | null;
  readonly path: string;
  readonly message: string;
}

export interface CheckedRules {
  readonly rules: Rules | null;
  readonly yaml: string | null;
  readonly mistakes: readonly RulesMistake[];
}

export interface Rejected {
  readonly entry: number;
  readonly index: number;
  readonly receivedAt: number;
  readonly topic: string;
  readonly source: string;
  readonly reason: string;
  readonly path: string;
  readonly message: string;
  readonly excerpt: string;
}

export interface Pipeline {
  readonly at: number;
  readonly ledger: Ledger;
  readonly ingress: Readonly<
    Record<"connections" | "inFlight" | "publishes" | "refusedPublishes" | "refusedSignIns" | "reconnects", number>
  > & {
    readonly state: string;
  };
  readonly journal: Readonly<Record<"firstSeq" | "lastSeq" | "sizeBytes" | "pendingRecords" | "damages", number>> & {
    readonly state: string;
    readonly reason: string | null;
  };
  readonly monitor: Readonly<Record<"position" | "changes" | "lifts" | "alerts", number>>;
  readonly follower: Readonly<Record<"offset" | "behindEntries" | "rowsWaiting" | "failures", number>> & { readonly leftS: number | null };
  readonly feed: Readonly<Record<"clients" | "frames" | "resumed" | "resynced" | "closedSlow", number>>;
  readonly notify: Readonly<Record<"pending" | "sent" | "failed" | "failingTargets", number>> | null;
  readonly parts: readonly { readonly part: string; readonly ok: boolean; readonly message: string | null }[];
}

/** @throws Refused with status 404 where there is no such alert. */
export async function getExplained(id: string): Promise<ExplainedAlert> {
  return (await getAlert(id)) as ExplainedAlert;
}

/** Alerts of a lift that were raised in a stretch of time. */
export async function getAlertsOf(liftId: string, from: number, to: number): Promise<readonly Alert[]> {
  const query = new URLSearchParams({ liftId, from: String(from), to: String(to), limit: "1000" });
  return ((await call("GET", `/api/alerts?${query.toString()}`)) as { readonly alerts: readonly Alert[] }).alerts;
}

export async function getRules(): Promise<RulesAnswer> {
  return (await call("GET", "/api/rules")) as RulesAnswer;
}

/** Checks a rules file, YAML or JSON, as the program checks it. */
export async function checkRules(text: string): Promise<CheckedRules> {
  return (await call("POST", "/api/rules/check", { text })) as CheckedRules;
}

export async function getQuarantine(limit: number): Promise<readonly Rejected[]> {
  return ((await call("GET", `/api/quarantine?limit=${limit}`)) as { readonly quarantine: readonly Rejected[] }).quarantine;
}

export async function getPipeline(): Promise<Pipeline> {
  return (await call("GET", "/api/pipeline")) as Pipeline;
}
