/** A lift's state for people. */
import type { AlertBook } from "./alert-book.ts";
import { DETECTORS, SILENT } from "./detectors/table.ts";
import { countFleet, type Fleet } from "./fleet.ts";
import { outOfService, type LiftState } from "./lift-state.ts";
import type { LiftCondition, LiftView } from "./view.ts";

const known = (time: number) => (time < 0 ? null : time);

/** `eventId`: the mass event that it is part of. */
export function viewLift(lift: LiftState, book: AlertBook, eventId: string | null): LiftView {
  return {
    liftId: lift.liftId,
    registered: lift.register !== null,
    state: condition(lift, book),
    register: lift.register,
    at: known(lift.at),
    receivedAt: known(lift.heardAt),
    clockSkewMs: lift.at < 0 ? null : Math.round(lift.clockSkewMs),
    boot: lift.sequence.boot,
    seq: lift.sequence.boot === null ? null : lift.sequence.next - 1,
    online: lift.online,
    keepAliveS: lift.keepAliveS,
    doors: { front: lift.front, rear: lift.rear },
    speedMps: lift.speedMps,
    floor: lift.floor,
    positionM: lift.positionM,
    doorZone: lift.doorZone,
    levelOffsetMm: lift.levelOffsetMm,
    mode: lift.mode,
    powered: lift.powered,
    persons: lift.persons,
    loadKg: lift.loadKg,
    faults: lift.faults.map((fault) => ({ ...fault })),
    alerts: [
      ...lift.slots.flatMap((slot, index) => {
        const detector = DETECTORS[index];
        return slot === null || slot.alertId === null || detector === undefined ? [] : [{ id: slot.alertId, hazard: detector.hazard }];
      }),
      ...(eventId === null ? [] : [{ id: eventId, hazard: "mass-event" as const }]),
    ],
    cannotJudge: cannotJudge(lift),
  };
}

/** Counts of all lifts by state and district. */
export function viewFleet(lifts: Iterable<LiftState>, book: AlertBook, timezone: string): Fleet {
  const counted = Array.from(lifts, (lift) => ({
    registered: lift.register !== null,
    condition: condition(lift, book),
    district: lift.register?.district ?? null,
  }));
  return countFleet(counted, timezone);
}

function condition(lift: LiftState, book: AlertBook): LiftCondition {
  if (outOfService(lift)) return "out-of-service";
  if (lift.heardAt < 0) return "unseen";
  // Also when a person has closed the alert: silence never shows as normal.
  if ((lift.busy & (1 << SILENT)) !== 0) return "silent";
  const alerting = lift.slots.some((slot) => slot !== null && book.active(slot)?.suppressedBy === null);
  return alerting || lift.faults.length > 0 ? "faulted" : "in-service";
}

function cannotJudge(lift: LiftState): LiftView["cannotJudge"] {
  if (lift.at < 0) return [];
  return DETECTORS.flatMap((detector, index) => {
    if ((lift.applies & (1 << index)) === 0) return [];
    const missing = detector.missing(lift);
    return missing.length === 0 ? [] : [{ hazard: detector.hazard, missing: [...missing] }];
  });
}
