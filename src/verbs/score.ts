/** `score`: alerts against ground truth; what was found, missed and false, and how late (docs/scoring.md). */
import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import { LIMITS } from "../config.ts";
import { isTimeZone } from "../core/rules.ts";
import { UsageError } from "../errors.ts";
import { readLines } from "../files/lines.ts";
import { readRegister } from "../register/register.ts";
import { within, type Period } from "../score/figures.ts";
import { AlertFold, isProblem, saidOf, truthOf } from "../score/files.ts";
import { match, type TruthEvent } from "../score/matching.ts";
import { scoreOf, scoreText, type Basis } from "../score/report.ts";
import { Unjudged } from "../score/unjudged.ts";
import { timelinePage, timelineSvg } from "../score/timeline.ts";
import { readText } from "../files/text-file.ts";

interface ScoreFlags {
  readonly truth: string;
  readonly alerts: string;
  readonly judging?: string;
  readonly fleet?: string;
  readonly from?: string;
  readonly to?: string;
  readonly tolerance: string;
  readonly json?: boolean;
  readonly confusion?: boolean;
  readonly timeline?: string;
  readonly lang: string;
  readonly timezone: string;
}

/** Mistakes told of one file; whoever has more has another format. */
const MISTAKES = 20;
const TOLERANCE_MOST_S = 86_400;

export async function score(flags: ScoreFlags): Promise<void> {
  const toleranceS = toleranceOf(flags.tolerance);
  const [flagFrom, flagTo] = [timeOf("--from", flags.from), timeOf("--to", flags.to)];
  if (flagFrom !== null && flagTo !== null && flagTo <= flagFrom) throw new UsageError("--to: expected a time after --from");
  const { lang, timeline } = flags;
  if (lang !== "en" && lang !== "zh") throw new UsageError(`--lang: expected en or zh; found ${lang}`);
  if (timeline !== undefined && ![".svg", ".html"].includes(extname(timeline)))
    throw new UsageError(`--timeline: expected a file that ends in .svg or .html; found ${timeline}`);
  if (!isTimeZone(flags.timezone))
    throw new UsageError(`--timezone: expected an IANA time zone such as Asia/Shanghai; found ${flags.timezone}`);
  const fleet = flags.fleet === undefined ? null : readRegister(readText("--fleet", flags.fleet), flags.fleet);

  const truth = await readTruth(flags.truth);
  const fold = await readAlerts(flags.alerts);
  const alerts = fold.alerts();
  const spanned = periodOf(truth, fold);
  const period: Period = { from: flagFrom ?? spanned.from, to: flagTo ?? spanned.to };
  const { unjudged, said } = await readSaid(flags.judging, truth);
  const whole = match(truth, alerts, toleranceS * 1_000, (event) => unjudged.has(event));
  const matching = within(whole, period);

  const [inTruth, inAlerts] = [liftsOf(truth), liftsOf(alerts)];
  const inFiles = new Set([...inTruth, ...inAlerts]);
  const inFleet = fleet === null ? null : new Set(fleet.map(({ liftId }) => liftId));
  const basis: Basis = {
    period,
    periodFrom: flagFrom === null ? "files" : "flag",
    periodTo: flagTo === null ? "files" : "flag",
    lifts: fleet === null ? inFiles.size : fleet.filter(({ inService }) => inService !== false).length,
    liftsFrom: fleet === null ? "files" : "fleet",
    toleranceS,
    liftsOnlyInTruth: lacking(inTruth, inAlerts),
    liftsOnlyInAlerts: lacking(inAlerts, inTruth),
    liftsNotInFleet: inFleet === null ? null : lacking(inFiles, inFleet),
    eventsOutside: whole.events.length - matching.events.length,
    alertsOutside: whole.alerts.length - matching.alerts.length,
    changes: fold.changes,
    otherFrames: fold.otherFrames,
    said,
  };
  const result = scoreOf(matching, basis);
  if (timeline !== undefined) drawTimeline(timeline, timelineSvg(matching, period, lang, flags.timezone), lang);
  process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : scoreText(result, flags.confusion === true));
}

export async function readTruth(file: string): Promise<TruthEvent[]> {
  const events: TruthEvent[] = [];
  await readChecked("--truth", file, (line) => {
    const event = truthOf(line);
    if (isProblem(event)) return event.problem;
    if (events.length >= LIMITS.score.events) throw new UsageError(`${file}: has too many lines; expected at most ${LIMITS.score.events}`);
    events.push(event);
    return null;
  });
  return events;
}

async function readAlerts(file: string): Promise<AlertFold> {
  const fold = new AlertFold();
  await readChecked("--alerts", file, (line) => {
    if (fold.size > LIMITS.score.alerts) throw new UsageError(`${file}: has too many alerts; expected at most ${LIMITS.score.alerts}`);
    return fold.add(line)?.problem ?? null;
  });
  return fold;
}

/** What was said of lifts on which something happened; of the others it is only checked. */
async function readSaid(file: string | undefined, truth: readonly TruthEvent[]): Promise<{ unjudged: Unjudged; said: number | null }> {
  const unjudged = new Unjudged();
  if (file === undefined) return { unjudged, said: null };
  const lifts = liftsOf(truth);
  let [said, kept] = [0, 0];
  await readChecked("--judging", file, (line) => {
    const one = saidOf(line);
    if (isProblem(one)) return one.problem;
    said += 1;
    if (!lifts.has(one.liftId)) return null;
    kept += 1;
    if (kept > LIMITS.score.said)
      throw new UsageError(`${file}: says too much; expected at most ${LIMITS.score.said} lines of lifts in the truth`);
    return unjudged.add(one) ? null : `at: found ${one.at}, before the line above of ${one.liftId}; expected lines in the order of time`;
  });
  return { unjudged, said };
}

/** Gives each line to `take`, which says what is wrong with it. @throws UsageError naming the first mistakes, each with its line. */
async function readChecked(flag: string, file: string, take: (line: string) => string | null): Promise<void> {
  const problems: string[] = [];
  let more = 0;
  for await (const line of readLines(flag, file, LIMITS.score.lineBytes)) {
    const problem = "problem" in line ? line.problem : take(line.text);
    if (problem === null) continue;
    if (problems.length < MISTAKES) problems.push(`${file}: line ${line.number}: ${problem}`);
    else more += 1;
  }
  if (more > 0) problems.push(`${file}: and ${more} more mistakes`);
  if (problems.length > 0) throw new UsageError(problems);
}

/** From the first instant that either file knows to the last, by the monitor's clock; empty files give none. */
function periodOf(truth: readonly TruthEvent[], { firstAt, lastAt }: AlertFold): Period {
  let [from, to] = [firstAt, lastAt];
  for (const event of truth) [from, to] = [Math.min(from, event.from), Math.max(to, event.to)];
  return from > to ? { from: 0, to: 0 } : { from, to };
}

function liftsOf(list: readonly { readonly liftIds: readonly string[] }[]): Set<string> {
  return new Set(list.flatMap(({ liftIds }) => liftIds));
}

function lacking(some: ReadonlySet<string>, others: ReadonlySet<string>): number {
  let count = 0;
  for (const one of some) if (!others.has(one)) count += 1;
  return count;
}

function drawTimeline(file: string, svg: string, lang: "en" | "zh"): void {
  writeFileSync(file, extname(file) === ".svg" ? svg : timelinePage(svg, lang));
}

export function toleranceOf(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= TOLERANCE_MOST_S)) throw new UsageError(`--tolerance: expected 0 to ${TOLERANCE_MOST_S} s; found ${text}`);
  return value;
}

/** ms since the epoch, or an ISO time with its zone. */
export function timeOf(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const at = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(`${flag}: expected ms since the epoch, or a time such as 2026-01-05T08:00:00+08:00; found ${text}`);
  return at;
}
