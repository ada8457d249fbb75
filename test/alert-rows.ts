/** Alerts for tests, made in one place. */
import { UNHANDLED, type Alert } from "../src/core/effects.ts";

/** An alert that stands and that nobody has touched: a confirmed overspeed of lift L1, of no known place. */
export function anAlert(changes: Partial<Alert> = {}): Alert {
  return {
    id: "A",
    liftId: "L1",
    hazard: "overspeed",
    priority: "high",
    evidence: "confirmed",
    state: "active",
    acknowledged: false,
    shelvedUntil: null,
    suppressedBy: null,
    raisedAt: 1,
    detectedAt: 1,
    clearedAt: null,
    occurrences: 1,
    groupId: null,
    rule: { version: "1", limits: {} },
    details: {},
    entries: { first: 1, last: 1 },
    lift: { district: null, building: null, firm: null },
    ...UNHANDLED,
    ...changes,
  };
}
