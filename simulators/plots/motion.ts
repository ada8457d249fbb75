/** How a car and a door move: from the profiles themselves, and from some minutes of one lift's life. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { SCurve } from "../lift/motion.ts";
import { COLOURS, chart } from "../../src/chart.ts";
import type { Band, Panel, Point } from "../../src/chart.ts";
import { oneLift } from "./one-lift.ts";
import type { Plot } from "./plot.ts";

/** Middle of the range of each rated speed: 0.6 m/s² and more with speed (spec.ts), 1.25 m/s³. */
const JERK_MPS3 = 1.25;
const RATED = [
  { speedMps: 1, accelerationMps2: 0.72, colour: COLOURS.green, dash: "2 3" },
  { speedMps: 1.75, accelerationMps2: 0.82, colour: COLOURS.blue },
  { speedMps: 2.5, accelerationMps2: 0.9, colour: COLOURS.orange, dash: "8 4" },
] as const;
const FLOOR_M = 2.9;
const FAR_M = 10 * FLOOR_M;
/** Peak that health never exceeds, m/s² (domain.md §2, unverified). */
const MOST_MPS2 = 1.5;
const SAMPLES = 400;

export function speedProfile(): Plot {
  const runs = (distanceM: number) =>
    RATED.map(({ speedMps, accelerationMps2, ...look }) => ({
      path: new SCurve(distanceM, { speedMps, accelerationMps2, jerkMps3: JERK_MPS3 }),
      name: `rated ${speedMps} m/s`,
      ...look,
    }));
  const panel = (title: string, distanceM: number, what: "speedMps" | "accelerationMps2") => {
    const all = runs(distanceM);
    const lasts = Math.ceil(Math.max(...all.map(({ path }) => path.durationS)));
    return {
      title,
      x: { label: "seconds from the start", from: 0, to: lasts },
      y: what === "speedMps" ? { label: "speed, m/s", from: 0, to: 2.75 } : { label: "acceleration, m/s²", from: -1.6, to: 1.6 },
      ...(what === "speedMps" ? {} : { limits: [MOST_MPS2, -MOST_MPS2].map((at) => ({ at, name: `never beyond ${at} m/s²` })) }),
      series: all.map(({ path, ...look }) => ({ ...look, kind: "line" as const, points: sampled(path.durationS, (at) => path[what](at)) })),
    };
  };
  return {
    name: "speed-profile",
    title: "Speed profile",
    svg: chart(
      "Speed and acceleration of runs over ten floors and one floor",
      [
        panel("Ten floors (29 m)", FAR_M, "speedMps"),
        panel("One floor (2.9 m)", FLOOR_M, "speedMps"),
        panel("Ten floors: acceleration", FAR_M, "accelerationMps2"),
        panel("One floor: acceleration", FLOOR_M, "accelerationMps2"),
      ],
      2,
      470,
      280,
    ),
    says:
      "The seven-phase profile for three rated speeds, with the middle of the drawn ranges of acceleration and a jerk of " +
      `${JERK_MPS3} m/s³. Over one floor only the slowest reaches its rated speed. The broken line is the limit of the model, not of a standard.`,
  };
}

function sampled(durationS: number, value: (timeS: number) => number): Point[] {
  return Array.from({ length: SAMPLES + 1 }, (_, index) => {
    const timeS = (index * durationS) / SAMPLES;
    return [timeS, value(timeS)] as const;
  });
}

/** A busy one: an office tower's, 12 floors, 1.75 m/s, 1,000 kg. */
const RECORD: LiftRecord = {
  liftId: "PLOT",
  kind: "passenger",
  building: "office tower",
  ratedSpeedMps: 1.75,
  ratedLoadKg: 1_000,
  floors: 12,
  travelM: 31.9,
};
/** A Monday in the morning peak. */
const FROM = Date.parse("2026-01-05T08:30:00+08:00");
const STEP_MS = 100;

interface Moment {
  readonly at: number;
  readonly positionM: number;
  readonly speedMps: number;
  /** 0 closed to 1 open. */
  readonly openness: number;
  readonly state: string;
}

/** One lift from FROM on, by itself, looked at ten times a second. */
function life(seed: number, lastsMs: number): Moment[] {
  const lift = oneLift(RECORD, seed, FROM);
  const moments: Moment[] = [];
  for (let at = FROM; at < FROM + lastsMs; at += STEP_MS) {
    while (lift.nextAt <= at) lift.step();
    moments.push({
      at,
      positionM: lift.positionAt(at),
      speedMps: lift.speedAt(at),
      openness: lift.door.opennessAt(at),
      state: lift.door.state,
    });
  }
  return moments;
}

const MINUTE_MS = 60_000;
/** Looked through for a stop with a reversal of its door. */
const LOOKED_THROUGH_MS = 3 * 3_600_000;

export function doorCycle(seed: number): Plot {
  const moments = life(seed, LOOKED_THROUGH_MS);
  const [plain, reversed] = [stopOf(moments, false), stopOf(moments, true)];
  return {
    name: "door-cycle",
    title: "Door cycle",
    svg: chart(
      "How far a door is open during a stop, without and with a reversal",
      [stopPanel("A stop without trouble", plain), stopPanel("Somebody steps in while it closes", reversed)],
      2,
      470,
      270,
    ),
    says: "Two stops of one simulated lift (an office of 12 floors, 1.75 m/s, 1,000 kg) on a Monday morning. A door that reverses half-way takes the time of the way back.",
  };
}

function stopPanel(title: string, stop: readonly Moment[]): Panel {
  const start = stop[0]?.at ?? FROM;
  const seconds = (at: number): number => (at - start) / 1_000;
  return {
    title,
    x: { label: "seconds since the car stands", from: 0, to: Math.ceil(seconds(stop.at(-1)?.at ?? start)) },
    y: { label: "open, %", from: 0, to: 115, ticks: [0, 25, 50, 75, 100] },
    bands: bandsOf(stop).map((band) => ({ ...band, from: seconds(band.from), to: seconds(band.to) })),
    series: [
      {
        name: "",
        kind: "line" as const,
        colour: COLOURS.blue,
        points: stop.map(({ at, openness }) => [seconds(at), 100 * openness] as const),
      },
    ],
  };
}

/** The first stop with, or without, a reversal, from the first opening to a second after the last closing. */
function stopOf(moments: readonly Moment[], withReversal: boolean): Moment[] {
  let from = 0;
  for (let index = 1; index < moments.length; index++) {
    const [before, now] = [moments[index - 1]?.state, moments[index]?.state];
    if (before === "closed" && now !== "closed") from = index - 1;
    if (now !== "closed" || before === "closed") continue;
    const stop = moments.slice(from, index + 1_000 / STEP_MS);
    const reversals = stop.filter(({ state }, place) => state === "opening" && stop[place - 1]?.state === "closing").length;
    if (withReversal === reversals > 0) return stop;
  }
  throw new RangeError(`no stop ${withReversal ? "with" : "without"} a reversal in ${moments.length} moments`);
}

function bandsOf(stop: readonly Moment[]): Band[] {
  const bands: { from: number; to: number; name: string }[] = [];
  for (const { at, state } of stop) {
    const last = bands.at(-1);
    if (last !== undefined) last.to = at;
    if (last?.name !== state) bands.push({ from: at, to: at, name: state });
  }
  return bands;
}

const SHOWN_MS = 6 * MINUTE_MS;

export function someMinutes(seed: number): Plot {
  const moments = life(seed, SHOWN_MS);
  const minutes = (at: number): number => (at - FROM) / MINUTE_MS;
  const x = { label: "minutes after 8:30 on a Monday", from: 0, to: SHOWN_MS / MINUTE_MS };
  const line = (value: (moment: Moment) => number, colour: string) => [
    { name: "", kind: "line" as const, colour, points: moments.map((moment) => [minutes(moment.at), value(moment)] as const) },
  ];
  return {
    name: "some-minutes",
    title: "Some minutes of a lift's life",
    svg: chart(
      "Height, speed and door of one lift",
      [
        { title: "Height of the car", x, y: { label: "m", from: 0, to: 35 }, series: line(({ positionM }) => positionM, COLOURS.blue) },
        {
          title: "Speed, up is positive",
          x,
          y: { label: "m/s", from: -2, to: 2 },
          series: line(({ speedMps }) => speedMps, COLOURS.green),
        },
        {
          title: "Door",
          x,
          y: { label: "open, %", from: 0, to: 100, ticks: [0, 50, 100] },
          series: line(({ openness }) => 100 * openness, COLOURS.purple),
        },
      ],
      1,
      940,
      200,
    ),
    says: "The same lift in the morning peak: calls, runs, stops, doors. A device makes its readings from this.",
  };
}
