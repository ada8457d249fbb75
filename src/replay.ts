/**
 * `replay`: a recording or a data directory through the monitor, offline, as fast as it goes, by the same function as live; or,
 * with --broker, its messages over MQTT in (scaled) real time (republish.ts).
 */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Change } from "./core/effects.ts";
import type { LiftRecord } from "./core/lift.ts";
import type { Entry } from "./core/entry.ts";
import { createMonitor, type Monitor } from "./core/monitor.ts";
import { DEFAULT_RULES, isTimeZone, type Rules } from "./core/rules.ts";
import { UsageError } from "./errors.ts";
import { republish, type RepublishFlags } from "./republish.ts";
import { liftsOf } from "./export-verb.ts";
import { changeFrame } from "./feed/frames.ts";
import { openProgress } from "./progress.ts";
import { isWanted, play, type Wanted } from "./recording/play.ts";
import type { Played } from "./recording/read.ts";
import { pointOf } from "./recording/stretch.ts";
import { MONITOR_LIMITS } from "./recovery.ts";
import { loadRegister } from "./register.ts";
import { readRules } from "./rules-file.ts";
import { log } from "./serve.ts";

export interface ReplayFlags {
  readonly fleet?: string;
  readonly rules?: string;
  readonly timezone: string;
  readonly alerts?: string;
  readonly from?: string;
  readonly to?: string;
  readonly lift?: readonly string[];
}

/** EPOCH of the cursors of a recording that does not say which journal it is of. */
const RECORDING = "recording";
/** Lines of alerts handed on at a time. */
const LINES_CHARS = 64 * 1024;

export async function replay(path: string, flags: ReplayFlags & Partial<RepublishFlags>): Promise<void> {
  const wanted = wantedOf(flags);
  const { broker, speed = "1" } = flags;
  const foreign = broker === undefined ? (["speed", "credentials", "gateway"] as const) : (["fleet", "rules", "alerts"] as const);
  const wrong = foreign.filter((name) => flags[name] !== undefined);
  if (wrong.length > 0)
    throw new UsageError(wrong.map((name) => `--${name}: is ${broker === undefined ? "for --broker" : "not for --broker"}`));
  if (broker !== undefined) return republish(path, { ...flags, broker, speed }, wanted);
  const register = flags.fleet === undefined ? null : loadRegister("--fleet", flags.fleet);
  const rules = flags.rules === undefined ? null : readRules(flags.rules, timezoneOf(flags.timezone));
  const run = new Run(register, rules, readRules(undefined, timezoneOf(flags.timezone)));
  const progress = openProgress(process.stderr, () => performance.now());
  let entries = 0;
  async function* lines(): AsyncGenerator<string> {
    let text = "";
    const played = play(path, (done) => progress.show(done, () => `${entries} entries`), log);
    for await (const batch of played) {
      entries += batch.length;
      for (const each of batch) {
        if (!isWanted(each, wanted)) continue;
        for (const change of run.take(each)) text += `${JSON.stringify(changeFrame(run.epoch, change))}\n`;
        if (text.length < LINES_CHARS) continue;
        yield text;
        text = "";
      }
    }
    if (text !== "") yield text;
  }
  const output = flags.alerts === undefined ? process.stdout : createWriteStream(flags.alerts);
  await pipeline(lines, output, { end: flags.alerts !== undefined });
  progress.end();
}

/** One monitor over what is played. A register or limits that a person named replace those that the recording carries. */
export class Run {
  epoch = RECORDING;
  readonly #register: readonly LiftRecord[] | null;
  readonly #rules: Rules | null;
  #monitor: Monitor;
  /** A state was taken up, and what a person named is not in it yet. */
  #begun = false;

  /** `otherwise`: the limits of a recording that carries none, where no others are wanted. */
  constructor(register: readonly LiftRecord[] | null, rules: Rules | null, otherwise: Rules) {
    this.#register = register;
    this.#rules = rules;
    this.#monitor = createMonitor(register ?? [], rules ?? otherwise, MONITOR_LIMITS);
  }

  /** The changes that it brings about; not to be kept. */
  take(played: Played): readonly Change[] {
    const { kind } = played;
    if (kind === "head") {
      this.epoch = played.journal;
      // A journal begins with the built-in limits and brings its own.
      if (this.#monitor.position === 0) this.#monitor = createMonitor(this.#register ?? [], this.#rules ?? DEFAULT_RULES, MONITOR_LIMITS);
      return [];
    }
    if (kind === "state") {
      this.#monitor.restore(played.snapshot);
      this.#begun = true;
      return [];
    }
    const isReplaced = (kind === "register" && this.#register !== null) || (kind === "rules" && this.#rules !== null);
    return isReplaced ? [] : this.#apply(played);
  }

  #apply(entry: Entry): readonly Change[] {
    if (this.#begun) {
      const at = { seq: entry.seq - 1, receivedAt: entry.receivedAt };
      if (this.#register !== null) this.#monitor.apply({ kind: "register", ...at, part: 0, parts: 1, lifts: this.#register });
      if (this.#rules !== null) this.#monitor.apply({ kind: "rules", ...at, rules: this.#rules });
      this.#begun = false;
    }
    return this.#monitor.apply(entry).changes;
  }
}

export function wantedOf(flags: Pick<ReplayFlags, "from" | "to" | "lift">): Wanted {
  return { from: pointOf("--from", flags.from), to: pointOf("--to", flags.to), lifts: liftsOf("--lift", flags.lift) };
}

export function timezoneOf(timezone: string): string {
  if (isTimeZone(timezone)) return timezone;
  throw new UsageError(`--timezone: expected an IANA time zone such as Asia/Shanghai; found ${timezone}`);
}
