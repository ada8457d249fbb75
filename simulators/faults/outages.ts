/** Failures that many lifts share: the mains of a building or of part of a district, and networks. Clustered by building. */
import type { LiftRecord } from "../../src/core/lift.ts";
import type { Random } from "../random.ts";
import { DAYS_A_YEAR, busyAt, instants } from "./calendar.ts";
import { ENTRAPMENTS, ENTRAPMENT_CAUSES, MAINS, NETWORK } from "./rates.ts";
import { sortOf } from "./proneness.ts";

const MINUTE_MS = 60_000;

/** What one outage does to one lift. */
export interface Member {
  readonly lift: number;
  /** When the lift has its power, or its network, again, ms. */
  readonly backAt: number;
  /** Power: the car stops between floors with people in it, and no device brings it to a landing. */
  readonly trapped: boolean;
  /** Power: a rescue device brings the car to a landing. */
  readonly rescued: boolean;
  /** Power: the device lives on for so long, ms; 0 without a battery. */
  readonly batteryMs: number;
}

export interface Outage {
  readonly what: "mains-failure" | "network-outage";
  /** Name that is the same for all members; a function of seed and day. */
  readonly group: string;
  readonly at: number;
  readonly members: readonly Member[];
}

interface Span {
  readonly median: number;
  readonly sigma: number;
  readonly most: number;
}

/** A lognormal span of minutes in ms, cut at its most. */
export function spanMs(random: Random, { median, sigma, most }: Span): number {
  return Math.round(Math.min(most, median * Math.exp(sigma * random.normal())) * MINUTE_MS);
}

export class Outages {
  readonly #random: Random;
  /** Lifts in service of each building, in the order of the register, which stands for neighbourhood. */
  readonly #districts: readonly (readonly number[][])[];
  readonly #buildings: readonly number[][];
  readonly #traps: Float64Array;
  readonly #rescues: Uint8Array;
  readonly #batteries: Float64Array;

  constructor(lifts: readonly LiftRecord[], random: Random) {
    this.#random = random.split("outages");
    const districts = new Map<string, Map<string, number[]>>();
    for (const [index, lift] of lifts.entries()) {
      if (lift.inService === false) continue;
      const buildings = districts.get(lift.district ?? "") ?? new Map<string, number[]>();
      districts.set(lift.district ?? "", buildings);
      const key = lift.building ?? lift.liftId;
      const members = buildings.get(key);
      if (members === undefined) buildings.set(key, [index]);
      else members.push(index);
    }
    this.#districts = [...districts.values()].map((buildings) => [...buildings.values()]);
    this.#buildings = this.#districts.flat();
    this.#traps = new Float64Array(lifts.length);
    this.#rescues = new Uint8Array(lifts.length);
    this.#batteries = new Float64Array(lifts.length);
    for (const [index, lift] of lifts.entries()) {
      const own = random.split("power", lift.liftId);
      this.#rescues[index] = sortOf(lift) === "car" && own.chance(MAINS.rescueDevice) ? 1 : 0;
      this.#batteries[index] = own.chance(MAINS.battery) ? own.between(MAINS.batteryMin[0], MAINS.batteryMin[1]) * MINUTE_MS : 0;
    }
  }

  /**
   * Takes the lifts' factors of a year. A lift that loses power traps people in proportion to its factor (busy and poor lifts do, and
   * so the clustered part is as overdispersed as the rest) and hardly ever with a rescue device; the mean makes up the entrapments
   * that the mains are to cause.
   */
  weigh(cars: { readonly lifts: Int32Array; readonly factors: Float64Array }): void {
    const wanted = (ENTRAPMENTS * ENTRAPMENT_CAUSES["mains-failure"]) / 100 / (MAINS.buildingPerYear + MAINS.districtPerLiftYear);
    // By expectation over the rescue devices, not by the sample, so that a small fleet is not bent to its mean.
    const mean = 1 - MAINS.rescueDevice + MAINS.rescueDevice * MAINS.rescueDeviceFails;
    this.#traps.fill(0);
    for (const [place, lift] of cars.lifts.entries()) {
      const device = this.#rescues[lift] === 1 ? MAINS.rescueDeviceFails : 1;
      this.#traps[lift] = (wanted * (cars.factors[place] ?? 0) * device) / mean;
    }
  }

  /** What fails on a day, in order of time. `stands` tells which lifts exist. */
  day(day: number, stands: (lift: number) => boolean): Outage[] {
    const found: Outage[] = [];
    const meanShare = MAINS.sizes.reduce((sum, { weight, share }) => sum + (weight * (share[0] + share[1])) / 2, 0);
    this.#each("mains-building", day, (MAINS.buildingPerYear * this.#buildings.length) / DAYS_A_YEAR, (random, at, group) => {
      found.push(this.#mains(random, at, group, [random.pick(this.#buildings)]));
    });
    const perDay = ((MAINS.districtPerLiftYear / meanShare) * this.#districts.length) / DAYS_A_YEAR;
    this.#each("mains-district", day, perDay, (random, at, group) => {
      const size = MAINS.sizes[random.weighted(MAINS.sizes.map(({ weight }) => weight))] ?? MAINS.sizes[0];
      found.push(this.#mains(random, at, group, this.#part(random, size.share)));
    });
    this.#each("network-building", day, (NETWORK.buildingPerYear * this.#buildings.length) / DAYS_A_YEAR, (random, at, group) => {
      found.push(this.#network(random, at, group, [random.pick(this.#buildings)]));
    });
    this.#each("network-district", day, (NETWORK.districtPerYear * this.#districts.length) / DAYS_A_YEAR, (random, at, group) => {
      found.push(this.#network(random, at, group, this.#part(random, NETWORK.share)));
    });
    return found
      .map((outage) => ({ ...outage, members: outage.members.filter(({ lift }) => stands(lift)) }))
      .filter(({ members }) => members.length > 0)
      .sort((a, b) => a.at - b.at);
  }

  /** Part of a district: buildings that are neighbours. */
  #part(random: Random, share: readonly [number, number]): readonly number[][] {
    const buildings = random.pick(this.#districts);
    // Rounded by chance, so that in a small fleet the mean stays.
    const count = Math.floor(random.between(share[0], share[1]) * buildings.length + random.uniform());
    const first = random.integer(0, buildings.length - 1);
    return Array.from({ length: Math.min(count, buildings.length) }, (_, place) => buildings[(first + place) % buildings.length] ?? []);
  }

  #mains(random: Random, at: number, group: string, buildings: readonly number[][]): Outage {
    const netBackAt = at + spanMs(random, MAINS.outageMin);
    const busy = busyAt(at);
    const members = buildings.flatMap((building) => {
      const backAt = netBackAt + Math.round(Math.min(MAINS.returnMin.most, random.exponential(MAINS.returnMin.mean)) * MINUTE_MS);
      return building.map((lift) => {
        const trapped = random.chance((this.#traps[lift] ?? 0) * busy);
        return { lift, backAt, trapped, rescued: !trapped && this.#rescues[lift] === 1, batteryMs: this.#batteries[lift] ?? 0 };
      });
    });
    return { what: "mains-failure", group, at, members };
  }

  #network(random: Random, at: number, group: string, buildings: readonly number[][]): Outage {
    const backAt = at + spanMs(random, NETWORK.outageMin);
    const members = buildings.flatMap((lifts) => lifts.map((lift) => ({ lift, backAt, trapped: false, rescued: false, batteryMs: 0 })));
    return { what: "network-outage", group, at, members };
  }

  /** Nets do not follow people's hours. */
  #each(what: string, day: number, perDay: number, add: (random: Random, at: number, group: string) => void): void {
    const random = this.#random.split(what, day);
    for (const [number, at] of instants(random, day, perDay, true).entries()) {
      add(random.split(number), at, `${what}-${day}-${number + 1}`);
    }
  }
}
