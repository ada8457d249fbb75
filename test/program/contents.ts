/** A run of lifts to look at, and everything that REST says of it afterwards. */
import type { Alert } from "../../src/core/effects.ts";
import { randomFrom } from "../property/journal-disk.ts";
import { killRun, type KillRun } from "./kill-run.ts";
import { liftIds, RATED_MPS } from "./lift-script.ts";
import { alertsOf, quarantineOf, readingsOf, type ReadingRow } from "./rest.ts";
import { type Ledger, openSite, type Program, type Site, stored } from "./run.ts";

const SEED = 7;
export const LIFT_IDS = liftIds(8);

export function openLiftSite(): Promise<Site> {
  return openSite(LIFT_IDS.map((liftId) => ({ liftId, ratedSpeedMps: RATED_MPS })));
}

/** A run with deaths, restarts and operators' acts, that has ended in good order. */
export function livedThrough(site: Site, kills: number, flags: readonly string[] = []): Promise<KillRun> {
  return killRun(site, { kills, lifts: LIFT_IDS.length, random: randomFrom(SEED), flags });
}

export interface Contents {
  readonly ledger: Ledger;
  readonly alerts: readonly Alert[];
  readonly readings: readonly (readonly ReadingRow[])[];
  readonly quarantine: unknown;
}

/** Waits until the store has everything, and reads it. */
export async function contents(program: Program): Promise<Contents> {
  const ledger = await stored(program.rest);
  return {
    ledger,
    alerts: await alertsOf(program.rest),
    readings: await Promise.all(LIFT_IDS.map((liftId) => readingsOf(program.rest, liftId))),
    quarantine: await quarantineOf(program.rest),
  };
}
