/** `backtest`: one pass over a recording or a data directory with two sets of limits (docs/replay.md). */
import type { Change } from "../core/effects.ts";
import { LIMITS } from "../config.ts";
import { compare, SeenAlerts } from "../backtest/compare.ts";
import { type Backtest, backtestText, type Side } from "../backtest/report.ts";
import type { Rules } from "../core/rules.ts";
import { UsageError } from "../errors.ts";
import { changeFrame } from "../feed/change-frame.ts";
import { openProgress } from "./progress.ts";
import { liftOf } from "../recording/lift-of.ts";
import { isWanted, play } from "../recording/play.ts";
import { Run } from "../recording/run.ts";
import { loadRegister } from "../register/register.ts";
import { type ReplayFlags, timezoneOf, wantedOf } from "./replay.ts";
import { readRules } from "../rules/file.ts";
import { readTruth, toleranceOf } from "./score.ts";
import { within } from "../score/figures.ts";
import { AlertFold } from "../score/files.ts";
import { match, type TruthEvent } from "../score/matching.ts";
import { type Score, scoreOf } from "../score/report.ts";
import { log } from "./process.ts";

export interface BacktestFlags extends Omit<ReplayFlags, "alerts" | "rules"> {
  /** A file, `default` for the built-in limits, or `own` for those that the recording carries. */
  readonly rules: string;
  readonly against: string;
  readonly truth?: string;
  readonly tolerance: string;
  readonly json?: boolean;
}

const BUILT_IN = "default";
const OWN = "own";

export async function backtest(path: string, flags: BacktestFlags): Promise<void> {
  const wanted = wantedOf(flags);
  const timezone = timezoneOf(flags.timezone);
  const toleranceS = toleranceOf(flags.tolerance);
  const register = flags.fleet === undefined ? null : loadRegister("--fleet", flags.fleet);
  const [one, other] = [limitsOf(flags.rules, timezone), limitsOf(flags.against, timezone)];
  const truth = flags.truth === undefined ? null : await readTruth(flags.truth);
  const builtIn = readRules(undefined, timezone);
  const sides = [one, other].map((rules) => new Tested(new Run(register, rules, builtIn), truth !== null)) as [Tested, Tested];
  const progress = openProgress(process.stderr, () => performance.now());
  let messages = 0;
  let [from, to] = [Infinity, -Infinity];
  const heard = new Set<string>();
  let topic = "";
  for await (const batch of play(path, (done) => progress.show(done, () => `${messages} messages`), log)) {
    for (const played of batch) {
      if (!isWanted(played, wanted)) continue;
      if (played.kind === "message") {
        messages += 1;
        if (played.topic !== topic || !topic.startsWith("lifts/")) heard.add(liftOf(played.topic, played.payload));
        ({ topic } = played);
      }
      if ("receivedAt" in played) [from, to] = [Math.min(from, played.receivedAt), Math.max(to, played.receivedAt)];
      // Two monitors must not share what they go on changing.
      sides[0].take(played.kind === "state" ? { ...played, snapshot: structuredClone(played.snapshot) } : played);
      sides[1].take(played);
    }
  }
  progress.end();
  heard.delete("");
  const period = from > to ? null : { from, to };
  const lifts = register === null ? heard.size : register.filter(({ inService }) => inService !== false).length;
  const [told, toldOtherwise] = [sides[0].seen.list(), sides[1].seen.list()];
  /** In device time, too: a backlog tells of what was before the recording began. */
  const scored = { from: [...told, ...toldOtherwise].reduce((earliest, { raisedAt }) => Math.min(earliest, raisedAt), from), to };
  const scoreOfSide = (side: Tested, events: readonly TruthEvent[]): Score =>
    side.score(events, period === null ? { from: 0, to: 0 } : scored, lifts, register !== null, toleranceS);
  const result: Backtest = {
    rulesName: sideOf(flags.rules, one),
    againstName: sideOf(flags.against, other),
    period,
    messages,
    lifts: heard.size,
    ...compare(told, toldOtherwise),
    score: truth === null ? null : { rules: scoreOfSide(sides[0], truth), against: scoreOfSide(sides[1], truth) },
  };
  process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : backtestText(result));
}

function limitsOf(name: string, timezone: string): Rules | null {
  if (name === OWN) return null;
  return readRules(name === BUILT_IN ? undefined : name, timezone);
}

function sideOf(name: string, rules: Rules | null): Side {
  if (rules === null) return { name: "the recording's own", version: null };
  return { name: name === BUILT_IN ? "built in" : name, version: rules.version };
}

/** One set of limits: its monitor, and what it told. */
class Tested {
  readonly seen = new SeenAlerts();
  readonly #run: Run;
  readonly #scored: AlertFold | null;

  constructor(run: Run, isScored: boolean) {
    this.#run = run;
    this.#scored = isScored ? new AlertFold() : null;
  }

  take(played: Parameters<Run["take"]>[0]): void {
    for (const change of this.#run.take(played)) this.#told(change);
  }

  #told(change: Change): void {
    this.seen.add(change);
    this.#scored?.add(JSON.stringify(changeFrame("", change)));
    if (this.seen.size > LIMITS.score.alerts)
      throw new UsageError(`there are more than ${LIMITS.score.alerts} alerts; expected a shorter stretch (--from, --to, --lift)`);
  }

  score(
    truth: readonly TruthEvent[],
    period: { readonly from: number; readonly to: number },
    lifts: number,
    isFleet: boolean,
    toleranceS: number,
  ): Score {
    const fold = this.#scored ?? new AlertFold();
    const whole = match(truth, fold.alerts(), toleranceS * 1_000);
    const matching = within(whole, period);
    return scoreOf(matching, {
      period,
      periodFrom: "files",
      periodTo: "files",
      lifts,
      liftsFrom: isFleet ? "fleet" : "files",
      toleranceS,
      liftsOnlyInTruth: 0,
      liftsOnlyInAlerts: 0,
      liftsNotInFleet: null,
      eventsOutside: whole.events.length - matching.events.length,
      alertsOutside: whole.alerts.length - matching.alerts.length,
      changes: fold.changes,
      otherFrames: 0,
      said: null,
    });
  }
}
