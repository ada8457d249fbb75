/**
 * The register of the whole city that asked: Shaoguan, with the regulator's counts to the unit (domain.md §1), whatever the seed.
 * Lifts stand in buildings, buildings on grounds (an estate, a hospital), grounds belong to user units, and each unit has its lifts
 * maintained by one station. Counts are divided by quotas; only who gets what is drawn.
 */
import type { LiftKind, LiftRecord } from "../../src/core/lift.ts";
import { Random } from "../random.ts";
import * as figures from "./figures.ts";
import { DISTRICTS, type District } from "./fleet.ts";
import { SPEEDS } from "./machine.ts";
import { FIRMS, shuffled } from "./names.ts";
import { apportion, deal } from "./quotas.ts";
import { rowsOf, takeOutOfUse } from "./rows.ts";
import { character, emptyLifts, settle, type Ground, type Station } from "./settle.ts";

/** Day that overdue and due are counted from: the first of a recording's default days. */
export const DEFAULT_AS_OF = "2026-01-05";
const DAY_MS = 86_400_000;

/** The city's 16,409 lifts, by district, unit and building. `asOf` is a date YYYY-MM-DD. Same arguments, same register. */
export function cityFleet(seed: number, asOf: string = DEFAULT_AS_OF): LiftRecord[] {
  const random = Random.seeded(seed).split("city");
  const today = Date.parse(asOf) / DAY_MS;
  const kinds = kindsByDistrict();
  const stations = placeStations(random.split("stations"));
  const units = apportion(figures.CITY.userUnits, SIZES);
  const districts = DISTRICTS.map((district, index) =>
    settle(district, kinds[index] ?? emptyLifts(), units[index] ?? 0, stations[index] ?? [], random.split(district.region)),
  );
  const grounds = districts.flat().flatMap((unit) => unit.grounds);
  dealSpeeds(grounds, random.split("speeds"));
  const outOfUse = apportion(figures.CITY.outOfUse, SIZES);
  return DISTRICTS.flatMap((district, index) =>
    takeOutOfUse(
      rowsOf(district, districts[index] ?? [], today, random),
      outOfUse[index] ?? 0,
      today,
      random.split("out", district.region),
    ),
  );
}

const SIZES = DISTRICTS.map((district) => district.lifts);

function spread(kind: LiftKind, weight: (district: District) => number): number[] {
  return apportion(figures.KINDS[kind], DISTRICTS.map(weight));
}

/** Lifts of each kind in each district: both sums are the regulator's. */
function kindsByDistrict(): Record<LiftKind, number>[] {
  const freight = spread("freight", (district) => district.lifts * character(district).freight);
  const dumbwaiter = spread("dumbwaiter", (district) => district.lifts);
  const escalator = spread("escalator", (district) => district.lifts * character(district).escalators);
  return DISTRICTS.map(({ lifts }, index) => {
    const others = { freight: freight[index] ?? 0, dumbwaiter: dumbwaiter[index] ?? 0, escalator: escalator[index] ?? 0 };
    return { passenger: lifts - others.freight - others.dumbwaiter - others.escalator, ...others };
  });
}

/** The stations of each district. Every firm has one, the larger firms several, in different districts. */
function placeStations(random: Random): Station[][] {
  const firms = shuffled(FIRMS, random);
  const more = apportion(
    figures.CITY.stations - firms.length,
    firms.map((_, rank) => 1 / (rank + 3)),
    firms.map(() => DISTRICTS.length - 1),
  );
  const free = apportion(figures.CITY.stations, SIZES);
  const placed: Station[][] = DISTRICTS.map(() => []);
  for (const [rank, firm] of firms.entries()) {
    // The largest firms come first and take the districts with most room, so that the last find room too.
    const order = shuffled([...DISTRICTS.keys()], random).toSorted((a, b) => (free[b] ?? 0) - (free[a] ?? 0));
    for (const index of order.slice(0, 1 + (more[rank] ?? 0))) {
      free[index] = (free[index] ?? 0) - 1;
      const name = `${firm.brief}${DISTRICTS[index]?.name}站`;
      placed[index]?.push({ firm, name, weight: random.lognormal(1, 0.7) });
    }
  }
  return placed;
}

/** Rated speeds by the shares of domain.md §6: the higher the building, the faster; grounds and newer ones rise together. */
function dealSpeeds(grounds: readonly Ground[], random: Random): void {
  const ranked = grounds
    .flatMap((ground) => {
      const height = figures.HEIGHT[ground.use] + 0.8 * random.normal() + 0.02 * (10 - ground.age);
      return ground.buildings.map((building) => ({ building, height: height + 0.4 * random.normal() }));
    })
    .toSorted((a, b) => a.height - b.height);
  const speeds = deal(
    ranked.map(({ building }) => building.lifts.passenger),
    SPEEDS.map(({ share }) => share),
  );
  for (const [index, { building }] of ranked.entries()) building.speed = speeds[index] ?? 0;
}
