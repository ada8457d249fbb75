/** The filters of the monitoring centre. They never hide people shut in. */
import type { Alert } from "../../../../src/core/effects.ts";
import { param } from "../router.ts";

export const FILTERS = ["priority", "district", "hazard", "state"] as const;

export function anyFilter(): boolean {
  return FILTERS.some((name) => param(name) !== null);
}

export function filtered(alerts: readonly Alert[]): readonly Alert[] {
  const [priority, district, hazard, state] = FILTERS.map(param);
  if (!anyFilter()) return alerts;
  return alerts.filter(
    (alert) =>
      (priority == null || alert.priority === priority) &&
      (district == null || isAbout(alert, district)) &&
      (hazard == null || alert.hazard === hazard) &&
      (state == null || isIn(alert, state)),
  );
}

function isIn({ acknowledged, dispatchedAt }: Alert, state: string): boolean {
  if (state === "open") return !acknowledged;
  return state === "sent" ? dispatchedAt !== null : acknowledged;
}

/** Whether an alert is about a district: a mass event is about those of all its lifts. */
export function isAbout({ lift, hazard, details }: Alert, district: string): boolean {
  if ((lift.district ?? "") === district) return true;
  const list = hazard === "mass-event" ? details["districts"] : null;
  return Array.isArray(list) && list.includes(district);
}
