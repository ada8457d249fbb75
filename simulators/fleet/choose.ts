/** Which fleet a command line means. */
import { LIMITS } from "../../src/config.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { UsageError } from "../../src/errors.ts";
import { BUILT_IN_FLEETS, loadRegister } from "../../src/register/register.ts";
import { cityFleet, DEFAULT_AS_OF } from "./city.ts";
import { CITY } from "./figures.ts";
import { demoFleet, generateFleet, tinyFleet } from "./fleet.ts";

/** A built-in name, a number, or a file. `lifts` keeps the first so many; without a fleet it generates them. */
export function loadFleet(fleet: string | undefined, lifts: number | undefined, seed: number, asOf = DEFAULT_AS_OF): LiftRecord[] {
  const whole = fleet === undefined && lifts !== undefined ? fleetOfSize(lifts, seed, asOf) : namedFleet(fleet ?? "demo", seed, asOf);
  if (lifts !== undefined && lifts > whole.length)
    throw new UsageError(`--lifts: expected at most the ${whole.length} of the fleet; found ${lifts}`);
  return lifts === undefined ? whole : whole.slice(0, lifts);
}

function namedFleet(fleet: string, seed: number, asOf: string): LiftRecord[] {
  const builtIn = BUILT_IN_FLEETS.find((name) => name === fleet);
  if (builtIn === "tiny") return tinyFleet();
  if (builtIn === "demo") return demoFleet();
  if (builtIn === "shaoguan") return cityFleet(seed, asOf);
  if (/^\d+$/.test(fleet)) {
    const count = Number(fleet);
    if (count < 1 || count > LIMITS.simulator.lifts)
      throw new UsageError(`--fleet: expected 1 to ${LIMITS.simulator.lifts} lifts; found ${fleet}`);
    return fleetOfSize(count, seed, asOf);
  }
  return loadRegister("--fleet", fleet);
}

/** As many lifts as the city has are the city itself. */
function fleetOfSize(lifts: number, seed: number, asOf: string): LiftRecord[] {
  return lifts === CITY.lifts ? cityFleet(seed, asOf) : generateFleet(lifts, seed);
}
