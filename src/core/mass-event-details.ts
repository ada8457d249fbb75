/** What a mass event's alert says: whom it struck, who is still struck, and where. */
import { DETECTORS, SILENT } from "./detectors/table.ts";
import { ENTRAPMENTS, type Alert } from "./effects.ts";
import type { LiftState } from "./lift-state.ts";
import { nameIn, type Scope } from "./scopes.ts";

interface MassEvent {
  readonly id: string;
  readonly scope: Scope;
  readonly members: ReadonlySet<LiftState>;
  readonly lostFrom: number;
  readonly lostTo: number;
}

/** Lifts still struck are named one by one up to so many, districts up to so many (assumptions: what a person reads). */
const LEFT_NAMED = 50;
const DISTRICTS_NAMED = 50;
const SILENT_BIT = 1 << SILENT;
const ENTRAPMENT_SLOTS = DETECTORS.flatMap(({ hazard }, index) => (ENTRAPMENTS.has(hazard) ? [index] : []));

/** `dark`: lifts without main power. Times are the monitor's. */
export function describeEvent(event: MassEvent, dark: ReadonlyMap<LiftState, number>): Record<string, unknown> {
  const members = [...event.members];
  const struck = members.filter(({ groupId }) => groupId === event.id);
  return {
    scope: event.scope.kind,
    name: event.scope.name,
    count: members.length,
    struck: struck.length,
    withoutPower: struck.filter((lift) => dark.has(lift)).length,
    silent: struck.filter(isSilent).length,
    entrapments: members.filter(holdsPeople).length,
    buildings: names(members, "building").size,
    firms: names(members, "firm").size,
    districts: [...names(members, "district")].sort().slice(0, DISTRICTS_NAMED),
    lostFrom: event.lostFrom,
    lostTo: event.lostTo,
    liftIds: members.map(({ liftId }) => liftId).sort(),
    ...(struck.length <= LEFT_NAMED && struck.length < members.length ? { struckIds: struck.map(({ liftId }) => liftId).sort() } : {}),
  };
}

/** What all members have in common. */
export function shared(members: ReadonlySet<LiftState>): Alert["lift"] {
  const one = (kind: Place): string | null => {
    const found = new Set(Array.from(members, (lift) => nameIn(lift, kind)));
    return found.size === 1 ? ([...found][0] ?? null) : null;
  };
  return { district: one("district"), building: one("building"), firm: one("firm") };
}

export function isSilent(lift: LiftState): boolean {
  return (lift.busy & SILENT_BIT) !== 0;
}

type Place = "district" | "building" | "firm";

function names(lifts: readonly LiftState[], kind: Place): Set<string> {
  return new Set(lifts.map((lift) => nameIn(lift, kind)).filter((name) => name !== null));
}

function holdsPeople(lift: LiftState): boolean {
  return ENTRAPMENT_SLOTS.some((index) => lift.slots[index]?.alertId != null);
}
