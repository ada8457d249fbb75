/** Learns each lift's own normal at the end of its days and hours, and says when a lift has left it. */
import { BURST_HAZARD, REOPENINGS_HAZARD, STREAMS } from "./streams.ts";
import type { Work } from "../entry.ts";
import type { LiftKind } from "../lift.ts";
import { outOfService, type LiftState } from "../lift-state.ts";
import { detectorOf } from "../reported.ts";
import type { Rules } from "../rules.ts";
import { inBurst, newSums, noteDay, noteFault, priorOf, type PeerSums, type Prior } from "./bursts.ts";
import { countDay, countThreshold, dispersionOf, resetCountChart } from "./count-chart.ts";
import { chartDay, nearest, resetChart, sidesOf, thresholdsOf, type Thresholds } from "./cusum.ts";
import { packChart, packCountChart, unpackChart, unpackCountChart, type Learning } from "./learning.ts";
import { remembered } from "./past.ts";
import { newRarity, rarityOf } from "./rarity.ts";
import { budgetedRunLength } from "./threshold.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A day counts in the peers' rates after so many (assumption: a week tells nothing of a rate of one in three years, and of four in a week it does). */
const PEER_DAYS = 7;
/** Root of the cycles of an hour: 0 to 400; root, because counts scatter with theirs. Motor's temperature, °C. */
const USAGE_RANGE = [0, 20] as const;
const HEAT_RANGE = [-20, 140] as const;
/** The newest hours weigh so that a day is remembered. */
const HOURS_REMEMBERED = 24;
/** Both sides of a chart share its run length. */
const SIDES = 2;

/** Days of so many lifts are closed with each tick: a whole city's at once would hold up its readings for a third of a second. */
const LIFTS_A_TICK = 500;

/** Called with the bits of the detectors whose trend began or ended. */
type Judge = (lift: LiftState, bits: number) => void;

export interface LearnerState {
  readonly hour: number;
  readonly sides: number;
  readonly priors: Readonly<Partial<Record<LiftKind, { readonly mean: number; readonly days: number | null }>>>;
  readonly closing: (Omit<Closing, "peers"> & { readonly peers: readonly (readonly [LiftKind, PeerSums])[] }) | null;
}

/** The end of a day, under way. */
interface Closing {
  /** Monitor's time at which the day was over. */
  readonly at: number;
  readonly runLengthDays: number;
  /** Lifts done, in their order, and what they came to. */
  done: number;
  sides: number;
  readonly peers: Map<LiftKind, PeerSums>;
}

export class Learner {
  readonly #judge: Judge;
  #hour = -1;
  /** Sides of all charts that judged at the last day's end: each may give false alarms. */
  #sides = 0;
  #priors = new Map<LiftKind, Prior>();
  #closing: Closing | null = null;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** A stopping fault began with the reading in hand. */
  fault(lift: LiftState, rules: Rules): void {
    noteFault(lift, lift.at);
    this.#setBurst(lift, lift.at, rules);
  }

  /** A second has passed; `dayOver`: with it a day of the site. */
  tick(now: number, dayOver: boolean, lifts: () => Iterable<LiftState>, rules: Rules): void {
    const hour = Math.floor(now / HOUR_MS);
    if (hour !== this.#hour) {
      if (this.#hour >= 0) for (const lift of lifts()) if (lift.learning !== null) closeHour(lift, lift.learning, this.#hour, now);
      this.#hour = hour;
    }
    if (dayOver) {
      // Ticks were few: the last day has not been closed to its end.
      if (this.#closing !== null) this.#close(this.#closing, lifts(), Number.POSITIVE_INFINITY, rules);
      const { falseAlertsPerDay, leastRunLengthDays } = rules.learning;
      const runLengthDays = budgetedRunLength(this.#sides, falseAlertsPerDay, SIDES * leastRunLengthDays);
      this.#closing = { at: now, runLengthDays, done: 0, sides: 0, peers: new Map() };
    }
    if (this.#closing !== null) this.#close(this.#closing, lifts(), LIFTS_A_TICK, rules);
  }

  /** A work order, or the register's word of a new machine. */
  reset(lift: LiftState | undefined, work: Work, now: number): void {
    const learning = lift?.learning ?? null;
    if (lift === undefined || learning === null) return;
    const all = work === "modernisation";
    for (const [place, stream] of STREAMS.entries()) {
      const row = learning.charts[place];
      if (row == null) continue;
      const chart = unpackChart(row, stream);
      resetChart(chart, all);
      learning.charts[place] = packChart(chart);
    }
    if (learning.reopened !== null) {
      const reopened = unpackCountChart(learning.reopened);
      resetCountChart(reopened, all);
      learning.reopened = packCountChart(reopened);
    }
    // The running day is of both the old and the new.
    learning.day = [];
    learning.cycles = learning.reopenings = 0;
    learning.workAt = now;
    if (all) learning.episodes = learning.serviceDays = 0;
    this.#set(lift, lift.learnt & bitOf(BURST_HAZARD));
  }

  state(): LearnerState {
    const priors = Object.fromEntries(
      Array.from(this.#priors, ([kind, { mean, days }]) => [kind, { mean, days: days === Number.POSITIVE_INFINITY ? null : days }]),
    );
    const closing = this.#closing === null ? null : { ...this.#closing, peers: [...this.#closing.peers] };
    return { hour: this.#hour, sides: this.#sides, priors, closing };
  }

  restore({ hour, sides, priors, closing }: LearnerState): void {
    this.#closing = closing === null ? null : { ...closing, peers: new Map(closing.peers) };
    this.#hour = hour;
    this.#sides = sides;
    this.#priors = new Map(
      Object.entries(priors).map(([kind, { mean, days }]) => [kind as LiftKind, { mean, days: days ?? Number.POSITIVE_INFINITY }]),
    );
  }

  /** Closes the day of the next lifts, at most so many. */
  #close(closing: Closing, lifts: Iterable<LiftState>, most: number, rules: Rules): void {
    const until = closing.done + most;
    let place = 0;
    for (const lift of lifts) {
      if (place++ < closing.done) continue;
      if (closing.done >= until) return;
      closing.done += 1;
      if (lift.learning !== null) this.#closeLift(closing, lift, lift.learning, rules);
    }
    this.#sides = closing.sides;
    this.#priors = new Map();
    for (const [kind, sums] of closing.peers) {
      const prior = priorOf(sums);
      if (prior !== null) this.#priors.set(kind, prior);
    }
    this.#closing = null;
  }

  #closeLift(closing: Closing, lift: LiftState, learning: Learning, rules: Rules): void {
    const { at, runLengthDays, peers } = closing;
    noteDay(learning, lift.heardAt > at - DAY_MS && !outOfService(lift));
    addPeer(peers, lift.kind, learning);
    closing.sides += chartsDay(learning, thresholdsOf(runLengthDays), runLengthDays, rules);
    const burst = (lift.learnt & bitOf(BURST_HAZARD)) !== 0 && this.#bursts(lift, deviceNow(lift, at), rules);
    this.#set(lift, trendsOf(learning) | (burst ? bitOf(BURST_HAZARD) : 0));
  }

  #setBurst(lift: LiftState, until: number, rules: Rules): void {
    const bit = bitOf(BURST_HAZARD);
    this.#set(lift, (lift.learnt & ~bit) | (this.#bursts(lift, until, rules) ? bit : 0));
  }

  #bursts(lift: LiftState, until: number, rules: Rules): boolean {
    const was = (lift.learnt & bitOf(BURST_HAZARD)) !== 0;
    return inBurst(lift, until, was, this.#priors.get(lift.kind) ?? null, rules);
  }

  #set(lift: LiftState, learnt: number): void {
    const changed = lift.learnt ^ learnt;
    if (changed === 0) return;
    lift.learnt = learnt;
    this.#judge(lift, changed);
  }
}

function bitOf(hazard: (typeof STREAMS)[number]["hazard"]): number {
  const index = detectorOf(hazard);
  return index < 0 ? 0 : 1 << index;
}

/** The device's clock now, as far as it is known. */
function deviceNow(lift: LiftState, now: number): number {
  return now - lift.clockSkewMs;
}

function addPeer(peers: Map<LiftKind, PeerSums>, kind: LiftKind, { episodes, serviceDays }: Learning): void {
  if (serviceDays < PEER_DAYS) return;
  let sums = peers.get(kind);
  if (sums === undefined) peers.set(kind, (sums = newSums()));
  sums.lifts += 1;
  sums.episodes += episodes;
  sums.days += serviceDays;
  sums.squares += (episodes * episodes) / serviceDays;
}

/** Charts the day that is over. Returns the sides of the charts that judge. */
function chartsDay(learning: Learning, thresholds: Thresholds, runLengthDays: number, rules: Rules): number {
  const least = rules.learning.leastObservations;
  let sides = 0;
  for (const [place, stream] of STREAMS.entries()) {
    const value = stream.summary(learning.day, least);
    const row = learning.charts[place];
    if (value === null && row == null) continue;
    const chart = unpackChart(row, stream);
    if (value !== null) {
      chartDay(chart, value, { ...stream, leastShift: stream.leastShift(rules) }, thresholds);
      while (learning.charts.length <= place) learning.charts.push(null);
      learning.charts[place] = packChart(chart);
    }
    remember(learning, place, stream.unit, value, value === null ? null : nearest(chart, stream, thresholds).share);
    if (chart.young === 0) sides += sidesOf(stream);
  }
  if (learning.cycles >= least) {
    const reopened = unpackCountChart(learning.reopened);
    countDay(reopened, learning.reopenings, learning.cycles, runLengthDays);
    learning.reopened = packCountChart(reopened);
    const share = reopened.sum / countThreshold(reopened.expected, dispersionOf(reopened), runLengthDays);
    remember(learning, STREAMS.length, "per cycle", learning.reopenings / learning.cycles, share);
    if (reopened.young === 0) sides += 1;
  } else if (learning.reopened !== null) remember(learning, STREAMS.length, "per cycle", null, null);
  learning.runLengthDays = runLengthDays;
  learning.day = [];
  learning.cycles = 0;
  learning.reopenings = 0;
  learning.peak = null;
  return sides;
}

function remember(
  learning: Learning,
  place: number,
  unit: Parameters<typeof remembered>[1],
  value: number | null,
  share: number | null,
): void {
  while (learning.past.length <= place) learning.past.push("");
  learning.past[place] = remembered(learning.past[place], unit, { value, share });
}

/** Bits of the hazards towards which a chart has found a trend. */
function trendsOf(learning: Learning): number {
  let bits = learning.reopened !== null && unpackCountChart(learning.reopened).alarmed ? bitOf(REOPENINGS_HAZARD) : 0;
  for (const [place, stream] of STREAMS.entries()) {
    const row = learning.charts[place];
    if (row != null && unpackChart(row, stream).alarmed) bits |= bitOf(stream.hazard);
  }
  return bits;
}

/** Scores the hour that is over, for ranking. `hour` counts from the epoch. */
function closeHour(lift: LiftState, learning: Learning, hour: number, now: number): void {
  const { hourCycles, heatSum, heatCount } = learning;
  learning.hourCycles = learning.heatSum = learning.heatCount = 0;
  // A lift that was not heard, or not meant to run, says nothing about its use.
  if (lift.heardAt < now - HOUR_MS || outOfService(lift)) return;
  const ofDay = hour % 24;
  learning.usage ??= newRarity(...USAGE_RANGE);
  rank(learning, "usage", hourCycles, rarityOf(learning.usage, Math.sqrt(hourCycles), ofDay), now);
  if (heatCount === 0) return;
  learning.heat ??= newRarity(...HEAT_RANGE);
  const heatC = Math.round((10 * heatSum) / heatCount) / 10;
  rank(learning, "motorTemperatureC", heatC, rarityOf(learning.heat, heatC, ofDay), now);
}

function rank(learning: Learning, stream: string, value: number, score: number, now: number): void {
  learning.hours = Math.min(HOURS_REMEMBERED, learning.hours + 1);
  learning.unusual += (score - learning.unusual) / learning.hours;
  if (learning.peak === null || score > learning.peak.score) learning.peak = { score, stream, value, at: now };
}
