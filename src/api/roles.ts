/** Who may call what: the one table. A route that is not in it cannot be registered. */
import type { Role } from "../access/access.ts";

/**
 * `anyone`: no sign-in. The page itself is open, because it holds no data and has to ask for the sign-in.
 * `in-band`: the route checks and refuses by itself, with a close code that a browser's script can see.
 * `owner`: through the control socket only (src/control.ts), whatever the role.
 */
export type Admission = Role | "anyone" | "in-band" | "owner";

export const ADMISSIONS: Readonly<Record<string, Admission>> = {
  "GET /": "anyone",
  "GET /*": "anyone",
  "GET /lift/:id": "anyone",
  "GET /alert/:id": "anyone",
  "GET /engineer": "anyone",
  "GET /engineer/quarantine": "anyone",
  "GET /engineer/pipeline": "anyone",
  "GET /trends": "anyone",
  "GET /feed": "in-band",
  "GET /metrics": "viewer",
  "GET /api/health": "anyone",
  "GET /api/fleet": "viewer",
  "GET /api/fleet/buildings": "viewer",
  "GET /api/search": "viewer",
  "GET /api/ledger": "viewer",
  "GET /api/quarantine": "engineer",
  "GET /api/lifts": "viewer",
  "GET /api/lifts/:id": "viewer",
  "GET /api/lifts/:id/readings": "viewer",
  "GET /api/lifts/:id/minutes": "viewer",
  "GET /api/lifts/:id/days": "viewer",
  "GET /api/lifts/:id/learning": "viewer",
  "POST /api/lifts/:id/work-orders": "operator",
  "GET /api/unusual": "viewer",
  "GET /api/alerts": "viewer",
  "GET /api/alerts/:id": "viewer",
  "POST /api/alerts/:id/acknowledge": "operator",
  "POST /api/alerts/:id/shelve": "operator",
  "POST /api/alerts/:id/unshelve": "operator",
  "POST /api/alerts/:id/dispatch": "operator",
  "POST /api/alerts/:id/arrive": "operator",
  "POST /api/alerts/:id/rescue": "operator",
  "POST /api/alerts/:id/close": "operator",
  "GET /api/export/recording": "engineer",
  "GET /api/export/rows": "owner",
  "GET /api/rules": "engineer",
  "POST /api/rules/check": "engineer",
  "GET /api/pipeline": "viewer",
  "GET /api/reports/operator-load": "viewer",
  "GET /api/reports/:kind": "viewer",
  "GET /api/trends/fault-rate": "viewer",
  "GET /api/trends/rescue": "viewer",
  "GET /api/trends/service-life": "viewer",
  "GET /api/trends/before-after": "viewer",
  "GET /api/rankings": "viewer",
  "GET /api/index": "viewer",
  "POST /api/trends/reload": "admin",
  "GET /api/backup": "owner",
  "POST /api/backup/hold-journal": "owner",
  "POST /api/backup/hold-store": "owner",
  "GET /api/notifications": "engineer",
  "GET /api/credentials": "admin",
  "POST /api/credentials": "admin",
  "DELETE /api/credentials/:name": "admin",
  "POST /api/probe": "admin",
  "GET /api/openapi.json": "viewer",
  "GET /api/session": "viewer",
  "POST /api/session": "anyone",
  "DELETE /api/session": "viewer",
};

/** Undefined for a route that nobody has thought about. HEAD is as GET. */
export function admission(method: string, url: string): Admission | undefined {
  return ADMISSIONS[`${method === "HEAD" ? "GET" : method} ${url}`];
}
