/** Which lifts share a way to the broker. */
import type { LiftRecord } from "../../src/core/lift.ts";

/** One MQTT client: its client id and user name, and the lifts (by index) that it carries. */
export interface Carrier {
  readonly name: string;
  readonly lifts: readonly number[];
}

/** One carrier for each lift, or for each building with the name `gw-` and its first lift's id. */
export function carriersOf(lifts: readonly LiftRecord[], gateways: boolean): Carrier[] {
  if (!gateways) return lifts.map((lift, index) => ({ name: lift.liftId, lifts: [index] }));
  const buildings = new Map<string, { name: string; lifts: number[] }>();
  for (const [index, lift] of lifts.entries()) {
    const key = lift.building === undefined ? lift.liftId : `${lift.district ?? ""}/${lift.building}`;
    const carrier = buildings.get(key);
    if (carrier === undefined) buildings.set(key, { name: `gw-${lift.liftId}`, lifts: [index] });
    else carrier.lifts.push(index);
  }
  return [...buildings.values()];
}
