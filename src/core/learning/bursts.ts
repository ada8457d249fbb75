/**
 * `fault-rate-high`: a lift's stopping faults come far faster than its own past and its peers would have it. Peers are shrunk by
 * Gamma-Poisson (Marshall 1991, Biometrics 47): the fleet's spread of rates is estimated, never guessed, and says how much a
 * lift's own past weighs. A doubling of one lift's rate takes years to prove; a burst does not: after four faults in a week
 * another followed within a week on 70 % of 276 real lifts, against 19 % otherwise.
 */
import type { LiftState } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { YOUNG_DAYS } from "./cusum.ts";
import { Learning } from "./learning.ts";

const DAY_MS = 86_400_000;
/** A fault more than so long after the last one begins an episode: that makes Poisson formulas valid (statistics). */
const EPISODE_MS = 3 * DAY_MS;
/** What is a month old weighs 0.8 (statistics). */
const FADE = 0.8 ** (1 / 30.44);
/** What so many days in service weigh: before them a lift has no past that a burst could stand out from (statistics: hard rules only for 14 days). */
const YOUNG = (1 - FADE ** YOUNG_DAYS) / (1 - FADE);
/** At so few faults in the window the burst is over: one is no burst. */
const OVER_AT = 1;

/** A Gamma distribution of rates, episodes a day: shape a, and b days. b is Infinity where all lifts are alike. */
export interface Prior {
  readonly mean: number;
  readonly days: number;
}

/** Sums over peers, for their prior. */
export interface PeerSums {
  lifts: number;
  episodes: number;
  days: number;
  /** Of episodes² / days. */
  squares: number;
}

export function newSums(): PeerSums {
  return { lifts: 0, episodes: 0, days: 0, squares: 0 };
}

/** A fleet without a fault so far: as if half of one had been seen (Krichevsky & Trofimov 1981). */
const UNSEEN = 0.5;

/** Marshall's estimate: A = Σn(r − m)² / Σn − m·N / Σn, a = m² / A, b = m / A; here as the mean m and the days b. */
export function priorOf({ lifts, episodes, days, squares }: PeerSums): Prior | null {
  if (lifts < 2 || days <= 0) return null;
  const mean = Math.max(UNSEEN, episodes) / days;
  const spread = (squares - mean * mean * days) / days - (mean * lifts) / days;
  return { mean, days: spread > 0 ? mean / spread : Number.POSITIVE_INFINITY };
}

/** Episodes a day that are to be expected of a lift. */
export function expectedRate(learning: Learning, prior: Prior): number {
  if (prior.days === Number.POSITIVE_INFINITY) return prior.mean;
  return (prior.mean * prior.days + learning.episodes) / (prior.days + learning.serviceDays);
}

/** Probability of at least `count` events where `mean` are expected. */
export function chanceOf(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let below = 0;
  for (let each = 0; each < count; each++) {
    below += term;
    term *= mean / (each + 1);
  }
  return Math.max(0, 1 - below);
}

/** A stopping fault began, at a device time. */
export function noteFault(lift: LiftState, at: number): void {
  const learning = (lift.learning ??= new Learning());
  if (learning.stoppedAt < 0 || at - learning.stoppedAt > EPISODE_MS) learning.episodes += 1;
  learning.stoppedAt = at;
}

/** A day has passed; `served`: it was heard and in service. */
export function noteDay(learning: Learning, served: boolean): void {
  learning.episodes *= FADE;
  learning.serviceDays = learning.serviceDays * FADE + (served ? 1 : 0);
}

/** Stopping faults of the window before a device time, those that follow another at once counting once. */
export function faultsWithin(lift: LiftState, until: number, rules: Rules): number {
  const { withinMs, apartMs } = rules["fault-rate-high"];
  let counted = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const { stopping, at } of lift.faultLog ?? []) {
    if (!stopping || until - at >= withinMs || at > until || at - last < apartMs) continue;
    counted += 1;
    last = at;
  }
  return counted;
}

/** Whether the lift is in a burst at a device time; `was`: it has been, and stays so until it has calmed down. */
export function inBurst(lift: LiftState, until: number, was: boolean, prior: Prior | null, rules: Rules): boolean {
  const limits = rules["fault-rate-high"];
  const counted = faultsWithin(lift, until, rules);
  if (was) return counted > OVER_AT;
  if (counted < limits.faults || prior === null || lift.learning === null || lift.learning.serviceDays < YOUNG) return false;
  return chanceOf(counted, (expectedRate(lift.learning, prior) * limits.withinMs) / DAY_MS) <= limits.chanceBelow;
}
