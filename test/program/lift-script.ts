/**
 * What the lifts of the kill tests say: one cycle of readings again and again, with an episode of each of three hazards in
 * it, on a device clock of their own that runs from a backlog half a day old. A function of (lift, seq) alone, so that
 * publisher and test agree without speaking.
 */
export const RATED_MPS = 1.75;
/** Readings of a cycle, one each second of the device's time. */
export const CYCLE = 60;
/** Alerts of a whole cycle, all raised and cleared within it. */
export const HAZARDS_OF_CYCLE = ["entrapment", "overspeed", "reported-fault"] as const;

/** Cycles whose faults are repeated faults: three of one code within a day (domain.md §3). */
export const CYCLES_TO_REPEAT = 3;

const STEP_MS = 1_000;

interface Said {
  readonly channel: "door" | "speed" | "fault" | "status";
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Without a floor: in a cycle that always runs up, any floor would be a lost position. */
const still = { speedMps: 0, doorZone: false };
const travelling = { speedMps: 1.5, doorZone: false };
const tooFast = { speedMps: RATED_MPS * 1.2, doorZone: false };

/** The `step`-th reading of a cycle. */
function say(step: number): Said {
  if (step === 0) return { channel: "door", fields: { state: "closed" } };
  if (step === 1) return { channel: "status", fields: { mode: "normal", persons: 2, powered: true } };
  // 5 to 44: stopped between floors with two people for 39 s, so an entrapment is suspected after 30 s; then it moves again.
  if (step >= 5 && step < 45) return { channel: "speed", fields: still };
  if (step === 50 || step === 51) return { channel: "speed", fields: tooFast };
  if (step === 53) return { channel: "fault", fields: { code: "02" } };
  if (step === 57) return { channel: "fault", fields: { code: "02", active: false } };
  return { channel: "speed", fields: travelling };
}

export interface Publication {
  readonly topic: string;
  readonly payload: string;
}

/** Reading `seq` (from 0) of a lift whose device clock began at `startAt`, ms. */
export function publication(liftId: string, seq: number, startAt: number): Publication {
  const { channel, fields } = say(seq % CYCLE);
  return { topic: `lifts/${liftId}/${channel}`, payload: JSON.stringify({ at: startAt + seq * STEP_MS, seq, ...fields }) };
}

export function liftIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `K${String(index).padStart(2, "0")}`);
}
