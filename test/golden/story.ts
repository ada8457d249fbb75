/**
 * Stories: golden timelines as files. `test/golden/<name>/story.txt` is written by hand; its first line is a sentence that is
 * true, and names the test:
 *
 *     # An empty car that stands between floors for a minute is told once.
 *     lift kind=passenger ratedSpeedMps=1.75 floors=20 travelM=57
 *     until 100
 *     0          status persons=0 mode=normal
 *     0..60/10   speed  speedMps=0 doorZone=false     each 10 s from 0 to 60
 *     20         run    from=1 to=8                   samples at 1 Hz from landing to landing, and the stop
 *     40         doors  open=3                        opening, open, closing, closed: 2 s each way
 *
 * Times are seconds. `recording.ndjson` (contract §3) and `fleet.csv` are made from it, `rules.yaml` may change limits, and
 * `expected.txt` is what the monitor tells. `UPDATE=1 npx vitest run test/golden` writes the made files anew.
 */
import { START } from "./timeline.ts";

export interface Story {
  readonly title: string;
  readonly untilS: number;
  readonly fleet: string;
  readonly recording: string;
}

interface Step {
  readonly atS: number;
  readonly channel: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const FLEET_COLUMNS = [
  "liftId,kind,district,building,address,maker,model,ratedSpeedMps,ratedLoadKg,floors,travelM,installedOn,firm,station,userUnit",
  "nextInspectionOn,insuredUntil,inService,longitude,latitude",
].join(",");
const ACCELERATION_MPS2 = 0.8;
const DOOR_S = 2;
const ZONE_M = 0.2;

export function readStory(text: string): Story {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const title = (lines[0] ?? "").replace(/^#\s*/, "");
  const record: Record<string, unknown> = { liftId: "L1", district: "武江", building: "江湾苑1栋", firm: "韶安电梯", inService: true };
  let untilS = 0;
  const steps: Step[] = [];
  for (const line of lines.map((each) => each.replace(/#.*$/, "").trim()).filter((each) => each !== "")) {
    const [first = "", ...rest] = line.split(/\s+/);
    if (first === "lift") Object.assign(record, fieldsOf(rest));
    else if (first === "until") untilS = Number(rest[0]);
    else steps.push(...stepsOf(first, rest, record));
  }
  return { title, untilS, fleet: fleetOf(record), recording: recordingOf(steps) };
}

function fieldsOf(words: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    words
      .filter((word) => word.includes("="))
      .map((word) => {
        const [name = "", text = ""] = word.split("=");
        return [name, name === "code" ? text : value(text)];
      }),
  );
}

function value(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function stepsOf(time: string, [channel = "", ...words]: readonly string[], lift: Readonly<Record<string, unknown>>): Step[] {
  const fields = fieldsOf(words);
  const range = /^([\d.]+)\.\.([\d.]+)\/([\d.]+)$/.exec(time);
  if (range !== null) {
    const [, from, to, every] = range.map(Number) as [number, number, number, number];
    const count = Math.floor((to - from) / every + 1e-9);
    return Array.from({ length: count + 1 }, (_, index) => ({ atS: from + index * every, channel, fields }));
  }
  const atS = Number(time);
  if (Number.isNaN(atS)) throw new Error(`found ${time}; expected a time in seconds`);
  if (channel === "run") return runOf(atS, fields as unknown as Run, lift);
  if (channel === "doors") return doorsOf(atS, Number(fields["open"] ?? 3));
  return [{ atS, channel, fields }];
}

interface Run {
  readonly from: number;
  readonly to: number;
  /** Multiple of the rated speed. */
  readonly factor?: number;
  /** Offset of the stop from its landing. */
  readonly offsetMm?: number;
  /** The run goes so much further. */
  readonly furtherM?: number;
}

/** A trapezoid of speed, sampled once a second, and the stop. */
function runOf(startS: number, { from, to, factor = 1, offsetMm = 1, furtherM = 0 }: Run, lift: Readonly<Record<string, unknown>>): Step[] {
  const heightM = Number(lift["travelM"]) / (Number(lift["floors"]) - 1);
  const sign = Math.sign(to - from);
  const distanceM = Math.abs(to - from) * heightM + furtherM + (sign * offsetMm) / 1_000;
  const peakMps = Math.min(Number(lift["ratedSpeedMps"]) * factor, Math.sqrt(distanceM * ACCELERATION_MPS2));
  const rampS = peakMps / ACCELERATION_MPS2;
  const endS = 2 * rampS + (distanceM - peakMps * rampS) / peakMps;
  const sampleTimes = Array.from({ length: Math.floor(endS) }, (_, index) => index + 1).filter((time) => endS - time > 0.1);
  return [...sampleTimes, endS].map((time) => {
    const wayM = time >= endS ? distanceM : wayAt(time, endS, rampS, peakMps);
    const speedMps = time >= endS ? 0 : Math.min(time, rampS, endS - time) * ACCELERATION_MPS2;
    const positionM = (from - 1) * heightM + sign * wayM;
    const floor = Math.max(1, Math.min(Number(lift["floors"]), 1 + Math.round(positionM / heightM)));
    const offM = positionM - (floor - 1) * heightM;
    const stop = time >= endS ? { levelOffsetMm: round(offM * 1_000) } : {};
    const fields = { speedMps: round(sign * speedMps), floor, positionM: round(positionM), doorZone: Math.abs(offM) <= ZONE_M, ...stop };
    return { atS: startS + time, channel: "speed", fields };
  });
}

function wayAt(time: number, endS: number, rampS: number, peakMps: number): number {
  if (time <= rampS) return (ACCELERATION_MPS2 * time * time) / 2;
  if (time <= endS - rampS) return peakMps * (time - rampS / 2);
  const restS = endS - time;
  return peakMps * (endS - rampS) - (ACCELERATION_MPS2 * restS * restS) / 2;
}

function doorsOf(atS: number, openS: number): Step[] {
  const states = [
    [0, "opening"],
    [DOOR_S, "open"],
    [DOOR_S + openS, "closing"],
    [2 * DOOR_S + openS, "closed"],
  ] as const;
  return states.map(([after, state]) => ({ atS: atS + after, channel: "door", fields: { state } }));
}

const round = (number: number) => Math.round(number * 1_000) / 1_000;

/** In order of arrival, numbered in that order; `at=` gives another device time, `seq=` another number, in seconds and from 0. */
function recordingOf(steps: readonly Step[]): string {
  let seq = 0;
  return steps
    .toSorted((a, b) => a.atS - b.atS)
    .map(({ atS, channel, fields }) => {
      const receivedAt = START + Math.round(atS * 1_000);
      const payload: Record<string, unknown> = { at: receivedAt, seq, boot: "b1", ...fields };
      if (typeof fields["at"] === "number") payload["at"] = START + Math.round(fields["at"] * 1_000);
      seq = Number(payload["seq"]) + 1;
      return `${JSON.stringify({ receivedAt, topic: `lifts/L1/${channel}`, payload })}\n`;
    })
    .join("");
}

function fleetOf(record: Readonly<Record<string, unknown>>): string {
  const row = FLEET_COLUMNS.split(",").map((column) => {
    const value = record[column];
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
  });
  return `${FLEET_COLUMNS}\n${row.join(",")}\n`;
}
