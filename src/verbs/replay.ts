/**
 * `replay`: a recording or a data directory through the monitor, offline, as fast as it goes, by the same function as live; or,
 * with --broker, its messages over MQTT in (scaled) real time (republish.ts).
 */
import { closeSync, createWriteStream, openSync, writeSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { isTimeZone } from "../core/rules.ts";
import { UsageError } from "../errors.ts";
import type { RepublishFlags } from "./republish.ts";
import { liftsOf } from "./export-recording.ts";
import { changeFrame } from "../feed/change-frame.ts";
import { openProgress } from "./progress.ts";
import { Looks } from "../recording/looks.ts";
import { isWanted, play, type Wanted } from "../recording/play.ts";
import { Run } from "../recording/run.ts";
import { pointOf } from "../recording/stretch.ts";
import { loadRegister } from "../register/register.ts";
import { readRules } from "../rules/file.ts";
import { log } from "./process.ts";

export interface ReplayFlags {
  readonly fleet?: string;
  readonly rules?: string;
  readonly timezone: string;
  readonly alerts?: string;
  readonly judging?: string;
  readonly from?: string;
  readonly to?: string;
  readonly lift?: readonly string[];
}

/** Lines of alerts handed on at a time. */
const LINES_CHARS = 64 * 1024;

export async function replay(path: string, flags: ReplayFlags & Partial<RepublishFlags>): Promise<void> {
  const wanted = wantedOf(flags);
  const { broker, speed = "1" } = flags;
  const foreign =
    broker === undefined ? (["speed", "credentials", "gateway"] as const) : (["fleet", "rules", "alerts", "judging"] as const);
  const wrong = foreign.filter((name) => flags[name] !== undefined);
  if (wrong.length > 0)
    throw new UsageError(wrong.map((name) => `--${name}: is ${broker === undefined ? "for --broker" : "not for --broker"}`));
  if (broker !== undefined) return (await import("./republish.ts")).republish(path, { ...flags, broker, speed }, wanted);
  const register = flags.fleet === undefined ? null : loadRegister("--fleet", flags.fleet);
  const rules = flags.rules === undefined ? null : readRules(flags.rules, timezoneOf(flags.timezone));
  const run = new Run(register, rules, readRules(undefined, timezoneOf(flags.timezone)));
  const progress = openProgress(process.stderr, () => performance.now());
  const looks = new Looks();
  const judging = flags.judging === undefined ? null : openSync(flags.judging, "w");
  let entries = 0;
  async function* lines(): AsyncGenerator<string> {
    let text = "";
    const played = play(path, (done) => progress.show(done, () => `${entries} entries`), log);
    for await (const batch of played) {
      entries += batch.length;
      for (const each of batch) {
        if (!isWanted(each, wanted)) continue;
        // A look comes before the entry: what it has to say must be told from what was known until then.
        const said = judging !== null && "receivedAt" in each ? looks.take(run.monitor, each.receivedAt) : "";
        if (judging !== null && said !== "") writeSync(judging, said);
        for (const change of run.take(each)) text += `${JSON.stringify(changeFrame(run.epoch, change))}\n`;
        if (text.length < LINES_CHARS) continue;
        yield text;
        text = "";
      }
    }
    if (text !== "") yield text;
  }
  const output = flags.alerts === undefined ? process.stdout : createWriteStream(flags.alerts);
  try {
    await pipeline(lines, output, { end: flags.alerts !== undefined });
  } finally {
    if (judging !== null) closeSync(judging);
  }
  progress.end();
}

export function wantedOf(flags: Pick<ReplayFlags, "from" | "to" | "lift">): Wanted {
  return { from: pointOf("--from", flags.from), to: pointOf("--to", flags.to), lifts: liftsOf("--lift", flags.lift) };
}

export function timezoneOf(timezone: string): string {
  if (isTimeZone(timezone)) return timezone;
  throw new UsageError(`--timezone: expected an IANA time zone such as Asia/Shanghai; found ${timezone}`);
}
