import { describe, expect, test } from "vitest";
import { entries, fold, LIFT, messages, newMonitor, tell } from "./timeline.ts";

const FULL = { ...LIFT, travelM: 57, ratedLoadKg: 1_000 };

/** A car that stops between floors with two people, as a device with every sensor says it. */
const TRAPPED = `
  0   status persons=2 loadKg=140 mode=normal
  0   door   state=closed
  5   speed  speedMps=1.5 positionM=4 doorZone=false
  10  speed  speedMps=0 positionM=4.4 doorZone=false levelOffsetMm=1400`;

/** It comes up, stops 30 mm short, by its position alone, and is elsewhere two seconds later. */
function stopsThenAt(positionM: number): string {
  return `
    0 door state=closed
    1 speed speedMps=1.5 floor=2 positionM=4
    2 speed speedMps=0 floor=3 positionM=5.97
    4 speed speedMps=0 floor=3 positionM=${positionM}`;
}

function without(script: string, ...fields: readonly string[]): string {
  return script.replaceAll(new RegExp(` (?:${fields.join("|")})=\\S+`, "g"), "");
}

function cannotJudge(script: string): Record<string, readonly string[]> {
  const monitor = newMonitor(FULL);
  fold(monitor, entries(messages(script), 1));
  return Object.fromEntries((monitor.lift("L1")?.cannotJudge ?? []).map(({ hazard, missing }) => [hazard, missing]));
}

/** A car that stands, and its door's states, a second apart, again every 20 s. */
function cycles(count: number, states: readonly string[]): string {
  const cycle = (atS: number) => states.map((state, index) => `${atS + index} door state=${state}`);
  return ["0 speed speedMps=0 floor=1", ...Array.from({ length: count }, (_, index) => cycle(20 * index).join("\n"))].join("\n");
}

describe("what a device lacks weakens a hazard's rule in a stated way", () => {
  const SUSPECTED = ["40 raised entrapment suspected critical at 40"];

  test("nothing is lacking: a lift that says everything, and is registered whole, is judged for everything", () => {
    const all =
      "0 status persons=0 loadKg=0 tripCount=1 floor=1\n 0 door state=closed\n 0 speed speedMps=0 floor=1 positionM=0 doorZone=true levelOffsetMm=0";
    expect(cannotJudge(all)).toEqual({});
  });
  test("no position: people between floors are found by the door zone alone", () => {
    expect(tell(without(TRAPPED, "positionM", "levelOffsetMm"), 60)).toEqual(SUSPECTED);
  });
  test("a position without a level offset: a car that goes back against its run has rolled, one that goes on may level, and the rule says so", () => {
    expect(tell(stopsThenAt(5.94), 6)).toEqual(["4 raised brake-weakening suspected high at 4"]);
    expect(tell(stopsThenAt(6), 6)).toEqual([]);
    expect(cannotJudge(stopsThenAt(6))).toMatchObject({ "brake-weakening": ["levelOffsetMm"] });
  });
  test("no door zone: they are found by the offset of the stopped car", () => {
    expect(tell(without(TRAPPED, "doorZone"), 60)).toEqual(SUSPECTED);
  });
  test("neither zone nor offset: a position tells, once doors have opened at the landings about it", () => {
    const landings = [0, 3, 6].flatMap((positionM, index) => [
      `${10 * index} speed speedMps=0 floor=${1 + index} positionM=${positionM}`,
      `${10 * index + 1} door state=open`,
      `${10 * index + 5} door state=closed`,
    ]);
    const stuck = "30 status persons=1\n 31 speed speedMps=1.5 floor=2 positionM=5\n 33 speed speedMps=0 floor=2 positionM=4.4";
    expect(tell(`${landings.join("\n")}\n ${stuck}`, 70)).toEqual(["63 raised entrapment suspected critical at 63"]);
  });
  test("neither zone nor position: people are shut in all the same, told after a minute; what needs the zone says so", () => {
    const blind = without(TRAPPED, "doorZone", "positionM", "levelOffsetMm");
    expect(tell(blind, 80)).toEqual(["70 raised entrapment suspected critical at 70"]);
    expect(tell(`${without(blind, "persons", "loadKg")}\n 30 fault code=90`, 75)).toEqual([
      "30 raised reported-fault confirmed high at 30",
      "70 raised entrapment confirmed critical at 70",
    ]);
    expect(cannotJudge(blind)).toMatchObject({ "entrapment-at-level": ["doorZone"], "stopped-outside-door-zone": ["doorZone"] });
  });
  test("persons are null: the load stands for them", () => {
    expect(tell(TRAPPED.replace("persons=2", "persons=null"), 60)).toEqual(SUSPECTED);
  });
  test("neither persons nor load: the car that stands between floors is told after a minute, with its occupancy unknown", () => {
    const uncounted = `${without(TRAPPED, "persons", "loadKg")}\n 60 status mode=normal`;
    expect(tell(uncounted, 80)).toEqual(["70 raised stopped-outside-door-zone confirmed high at 70"]);
    expect(cannotJudge(uncounted)).toMatchObject({ entrapment: ["persons"], "entrapment-at-level": ["persons"] });
  });
  test("neither persons nor load, and the alarm button: somebody has been inside since the car stopped", () => {
    expect(tell(`${without(TRAPPED, "persons", "loadKg")}\n 20 fault code=90`, 60)).toEqual([
      "40 raised entrapment confirmed critical at 40",
    ]);
  });
  test("a binary door: the same entrapment, unintended movement and door held open", () => {
    const creeping = "0 speed speedMps=0 doorZone=true\n 1 door state=open\n 6 speed speedMps=0.2 doorZone=false";
    expect(tell(creeping, 8)).toEqual(["6 raised unintended-movement confirmed critical at 6"]);
    expect(tell("0 door state=open\n 60 status\n 115 status", 125)).toEqual(["121 raised door-held-open confirmed low at 120"]);
  });
  test("a binary door: what turns round half-way is not seen, and after three cycles the rule about reopenings says so", () => {
    expect(cannotJudge(`${cycles(2, ["open", "closed"])}\n 60 status`)).not.toHaveProperty("door-cycling");
    expect(cannotJudge(`${cycles(3, ["open", "closed"])}\n 60 status`)).toMatchObject({ "door-cycling": ["opening", "closing"] });
    const whole = ["opening", "open", "closing", "closed"];
    expect(cannotJudge(`${cycles(4, whole)}\n 90 status`)).not.toHaveProperty("door-cycling");
    // A lost word does not make a door binary, and one word of its movement is enough to know better.
    expect(cannotJudge(`${cycles(4, ["open", "closing", "closed"])}\n 90 status`)).not.toHaveProperty("door-cycling");
    expect(cannotJudge(`${cycles(4, ["open", "closed"])}\n 90 door state=opening`)).not.toHaveProperty("door-cycling");
  });
  test("neither speed nor floor: a door that opens again after a ride may be at another stop, and the rule about reopenings says so", () => {
    const stops = without(cycles(4, ["opening", "open", "closing", "closed"]), "floor").replace("0 speed speedMps=0", "");
    expect(cannotJudge(`${stops}\n 90 status`)).toMatchObject({ "door-cycling": ["speedMps"] });
    expect(cannotJudge(`${stops}\n 90 status floor=3`)).not.toHaveProperty("door-cycling");
    expect(cannotJudge(`${stops}\n 90 speed speedMps=0`)).not.toHaveProperty("door-cycling");
  });
  test("neither persons nor a passenger's load: in a goods lift a load is no person, and the rules say so", () => {
    const goods = newMonitor({ ...FULL, kind: "freight" });
    fold(goods, entries(messages(without(TRAPPED, "persons")), 1));
    expect(goods.lift("L1")?.cannotJudge.find(({ hazard }) => hazard === "entrapment")?.missing).toEqual(["persons"]);
  });
  test("no door at all: nothing is said about doors, and what needs them says so", () => {
    const doorless = TRAPPED.replace("0   door   state=closed", "");
    expect(tell(doorless, 60)).toEqual([]);
    expect(cannotJudge(doorless)).toMatchObject({ entrapment: ["state"], "unintended-movement": ["state"], "door-held-open": ["state"] });
  });
  test("speed at 1 Hz without end, or by exception: the same entrapment", () => {
    const steady = Array.from(
      { length: 50 },
      (_, index) => `${11 + index} speed speedMps=0 positionM=4.4 doorZone=false levelOffsetMm=1400`,
    );
    expect(tell(`${TRAPPED}\n${steady.join("\n")}`, 60)).toEqual(SUSPECTED);
  });
  test("speed only when it changes: a run is not taken for one without floors, however long it lasts", () => {
    const sparse = "0 door state=closed\n 1 speed speedMps=1.7 floor=1\n 59 speed speedMps=0 floor=20";
    expect(tell(sparse, 70, FULL)).toEqual([]);
  });
  test("nothing is registered: speed has no limit, the shaft no end, and the rules that need them say so", () => {
    const monitor = newMonitor({ liftId: "L1" });
    fold(monitor, entries(messages("0 speed speedMps=0 floor=1 positionM=0 doorZone=true\n 0 door state=closed"), 1));
    const missing = Object.fromEntries((monitor.lift("L1")?.cannotJudge ?? []).map((each) => [each.hazard, each.missing]));
    expect(missing).toMatchObject({
      overspeed: ["ratedSpeedMps"],
      overtravel: ["floors", "travelM"],
      "run-time-exceeded": ["travelM", "ratedSpeedMps"],
      "position-lost": ["travelM"],
    });
  });
  test("travel unknown: a floor that jumps while the car stands is a lost position all the same", () => {
    const script = "0 speed speedMps=0 floor=10\n 5 speed speedMps=0 floor=7";
    expect(tell(script, 10, { liftId: "L1" })).toEqual(["5 raised position-lost confirmed medium at 5"]);
  });
});
