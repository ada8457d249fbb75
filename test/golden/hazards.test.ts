import { describe, expect, test } from "vitest";
import { entries, fold, LIFT, messages, newMonitor, tell, told } from "./timeline.ts";

const TRAPPED = `
  0   status persons=2 mode=normal
  0   door   state=closed
  5   speed  speedMps=1.5 doorZone=false
  10  speed  speedMps=0   doorZone=false`;

describe("entrapment", () => {
  test("is suspected after 30 s between floors with people inside, and confirmed after 90 s", () => {
    expect(tell(TRAPPED, 110)).toEqual([
      "40 raised entrapment suspected critical at 40",
      "100 confirmed entrapment confirmed critical at 40",
    ]);
  });
  test("is confirmed at 30 s when the alarm button is pressed", () => {
    expect(tell(`${TRAPPED}\n 20 fault code=90`, 60)).toEqual(["40 raised entrapment confirmed critical at 40"]);
  });
  test("ends at once when the door opens at a landing", () => {
    const script = `${TRAPPED}\n 50 speed speedMps=0.2 doorZone=false\n 52 speed speedMps=0 doorZone=true\n 53 door state=open\n 60 door state=closed`;
    expect(tell(script, 70)).toEqual([
      "40 raised entrapment suspected critical at 40",
      "53 cleared entrapment suspected critical at 40 until 53",
    ]);
  });
  test("does not end when a door is forced open between floors", () => {
    expect(tell(`${TRAPPED}\n 50 door state=open`, 150)).toEqual(["40 raised entrapment suspected critical at 40"]);
  });
  test("ends when the sensor corrects itself and nobody was inside", () => {
    expect(tell(`${TRAPPED}\n 45 status persons=0`, 60)).toEqual([
      "40 raised entrapment suspected critical at 40",
      "50 cleared entrapment suspected critical at 40 until 45",
    ]);
  });
  test("is not raised when the car stands between floors for 29 s", () => {
    expect(tell(`${TRAPPED}\n 39 speed speedMps=1 doorZone=false\n 45 speed speedMps=0 doorZone=true`, 80)).toEqual([]);
  });
  test("is not raised from unknown data: no speed was ever reported", () => {
    expect(tell("0 status persons=2 doorZone=false\n 0 door state=closed", 150)).toEqual([]);
  });
  test("is judged by load where no persons are counted", () => {
    const script = "0 status persons=null loadKg=80\n 0 door state=closed\n 0 speed speedMps=0 doorZone=false";
    expect(tell(script, 40)).toEqual(["30 raised entrapment suspected critical at 30"]);
  });
  test("is recorded and not paged while a mechanic has the lift in inspection", () => {
    const script = `0 status persons=1 mode=inspection\n 0 door state=closed\n 0 speed speedMps=0 doorZone=false\n 60 status persons=1 mode=normal`;
    expect(tell(script, 70)).toEqual([
      "30 suppressed entrapment suspected critical at 30 by mode:inspection",
      "60 raised entrapment suspected critical at 30",
    ]);
  });
  test("stays visible when a mechanic switches to inspection to free the people", () => {
    expect(tell(`${TRAPPED}\n 50 status persons=2 mode=inspection`, 60)).toEqual(["40 raised entrapment suspected critical at 40"]);
  });
  test("is judged at its own times when it comes as a backlog in order", () => {
    const backlog = TRAPPED.replaceAll(/^ {2}(\d+) +/gm, "  900 ")
      .split("\n")
      .filter((line) => line !== "");
    const script = backlog.map((line, index) => `${line} at=${[0, 0, 5, 10][index]}`).join("\n");
    expect(
      tell(`${script}\n 900 status persons=2 at=105\n 900 speed speedMps=0 doorZone=true at=110\n 900 door state=open at=111`, 905),
    ).toEqual(["900 raised entrapment confirmed critical at 40", "900 cleared entrapment confirmed critical at 40 until 111"]);
  });
});

/** Rides of a minute, doors between them, and two people shut in between floors from 600 to 800. */
function rides(second: number): readonly string[] {
  const shutIn = second >= 600 && second < 800;
  const inRide = second % 60;
  const speedMps = !shutIn && inRide >= 10 && inRide < 30 ? 1.5 : 0;
  const lines = [`speed speedMps=${speedMps} doorZone=${!shutIn && speedMps === 0}`, `status persons=${shutIn ? 2 : 1} mode=normal`];
  if (!shutIn && inRide === 40) lines.push("door state=open");
  if (!shutIn && inRide === 50) lines.push("door state=closed");
  return lines;
}

describe("a quarter of an hour's backlog that comes channel by channel, each second of it", () => {
  const lines = Array.from({ length: 900 }, (_, second) => rides(second).map((line) => ({ second, line }))).flat();
  const numbered = lines.map(({ second, line }, seq) => ({ channel: line.split(" ")[0], second, text: `${line} seq=${seq + 3}` }));
  const before = "0 door state=closed seq=0\n 0 status persons=0 seq=1\n 0 speed speedMps=0 doorZone=true seq=2";

  test("is judged as if it had come at its time: the people in it are told, and nothing else", () => {
    expect(numbered.length).toBeGreaterThan(1_024);
    const backlog = ["speed", "status", "door"].flatMap((channel) =>
      numbered.filter((each) => each.channel === channel).map(({ second, text }) => `901 ${text} at=${second + 0.5}`),
    );
    const monitor = newMonitor();
    const changes = fold(monitor, entries(messages([before, ...backlog].join("\n")), 910)).flatMap((effects) => effects.changes);
    expect(monitor.counts).toMatchObject({ late: 0, accepted: numbered.length + 3 });
    expect(changes.map(told).filter((line) => !line.includes("silent"))).toEqual([
      "901 raised entrapment suspected critical at 630.5",
      "901 confirmed entrapment confirmed critical at 630.5",
      "901 cleared entrapment confirmed critical at 630.5 until 800.5",
    ]);
  });
});

describe("entrapment-at-level", () => {
  const SHUT_IN = "0 status persons=1\n 0 door state=closed\n 0 speed speedMps=0 doorZone=true";
  test("is suspected after 60 s and confirmed after 120 s", () => {
    expect(tell(SHUT_IN, 130)).toEqual([
      "60 raised entrapment-at-level suspected critical at 60",
      "120 confirmed entrapment-at-level confirmed critical at 60",
    ]);
  });
  test("is confirmed by the alarm button", () => {
    expect(tell(`${SHUT_IN}\n 10 fault code=90`, 70)).toEqual(["60 raised entrapment-at-level confirmed critical at 60"]);
  });
  test("ends when the door opens", () => {
    expect(tell(`${SHUT_IN}\n 80 door state=opening`, 90).at(-1)).toBe("80 cleared entrapment-at-level suspected critical at 60 until 80");
  });
  test("is not raised a second time for people already known to be trapped", () => {
    expect(
      tell(`${TRAPPED}\n 60 speed speedMps=0.2 doorZone=false\n 62 speed speedMps=0 doorZone=true`, 200).filter((line) =>
        line.includes("at-level"),
      ),
    ).toEqual([]);
  });
  test("is not raised by goods left in a freight lift", () => {
    expect(tell("0 status loadKg=400\n 0 door state=closed\n 0 speed speedMps=0 doorZone=true", 170, { ...LIFT, kind: "freight" })).toEqual(
      [],
    );
  });
});

describe("unintended-movement", () => {
  test("is raised at once when the car leaves the door zone with a door open", () => {
    const script =
      "0 speed speedMps=0 doorZone=true\n 1 door state=open\n 5 speed speedMps=0.15 doorZone=true\n 6 speed speedMps=0.2 doorZone=false";
    expect(tell(script, 10)).toEqual(["6 raised unintended-movement confirmed critical at 6"]);
  });
  test("is raised by two samples faster than 0.30 m/s with a door open", () => {
    const script = "0 door state=open\n 5 speed speedMps=0.35\n 6 speed speedMps=0.5";
    expect(tell(script, 10)).toEqual(["6 raised unintended-movement confirmed critical at 6"]);
  });
  test("ends when the doors have been closed for 5 s", () => {
    const script =
      "0 speed speedMps=0 doorZone=true\n 1 door state=open\n 6 speed speedMps=0.2 doorZone=false\n 9 speed speedMps=0 doorZone=false\n 10 door state=closed";
    expect(tell(script, 20).at(-1)).toBe("15 cleared unintended-movement confirmed critical at 6 until 10");
  });
  test("is not raised by re-levelling with the doors open", () => {
    const script =
      "0 speed speedMps=0 doorZone=true levelOffsetMm=25\n 1 door state=open\n 5 speed speedMps=0.25 doorZone=true\n 6 speed speedMps=0.29 doorZone=true\n 7 speed speedMps=0 doorZone=true levelOffsetMm=1";
    expect(tell(script, 20)).toEqual([]);
  });
  test("is not raised when the door reading comes before the speed sample that shows the level", () => {
    const script = "0 door state=closed\n 1 speed speedMps=0.6 doorZone=false\n 1.8 door state=opening\n 2 speed speedMps=0 doorZone=true";
    expect(tell(script, 20)).toEqual([]);
  });
  test("is not raised when people are freed from a car that stands between floors", () => {
    expect(tell(`${TRAPPED}\n 50 door state=open\n 55 speed speedMps=0 doorZone=false`, 60)).toEqual([
      "40 raised entrapment suspected critical at 40",
    ]);
  });
});

describe("door-open-while-running", () => {
  test("is raised when a door leaves closed between two fast samples outside the zone", () => {
    const script =
      "0 door state=closed\n 5 speed speedMps=1.5 doorZone=false\n 5.5 door state=opening\n 6 speed speedMps=1.4 doorZone=false";
    expect(tell(script, 8)).toEqual(["6 raised door-open-while-running confirmed critical at 6"]);
  });
  test("is not followed by unintended-movement when the car stops between floors with the door open", () => {
    const script =
      "0 door state=closed\n 5 speed speedMps=1.5 doorZone=false\n 5.5 door state=open\n 6 speed speedMps=0.9 doorZone=false\n 7 speed speedMps=0 doorZone=false\n 8 speed speedMps=0 doorZone=false";
    expect(tell(script, 9)).toEqual(["6 raised door-open-while-running confirmed critical at 6"]);
  });
  test("is only suspected where no door zone is reported", () => {
    const script = "0 door state=closed\n 5 speed speedMps=1.5\n 5.5 door state=open\n 6 speed speedMps=1.4";
    expect(tell(script, 8)).toEqual(["6 raised door-open-while-running suspected critical at 6"]);
  });
  test("is not raised by doors that open while the car levels", () => {
    const script =
      "0 door state=closed\n 5 speed speedMps=0.7 doorZone=false\n 5.9 door state=opening\n 6 speed speedMps=0.1 doorZone=true";
    expect(tell(script, 8)).toEqual([]);
  });
  test("ends when the car has stood still for 3 s", () => {
    const script =
      "0 door state=closed\n 5 speed speedMps=1.5 doorZone=false\n 5.5 door state=open\n 6 speed speedMps=1.4 doorZone=false\n 8 speed speedMps=0 doorZone=false";
    expect(tell(script, 15).at(-1)).toBe("11 cleared door-open-while-running confirmed critical at 6 until 8");
  });
});

/** Speed samples: second and multiple of the rated speed. */
const at = (...samples: [number, number][]) =>
  samples.map(([second, factor]) => `${second} speed speedMps=${(1.75 * factor).toFixed(4)}`).join("\n");

describe("overspeed", () => {
  test("is critical on two samples at 1.15 of the rated speed or more", () => {
    expect(tell(at([0, 1], [1, 1.16], [2, 1.17]), 5)).toEqual(["2 raised overspeed confirmed critical at 2"]);
  });
  test("is an alarm after 1 s above 1.10", () => {
    expect(tell(at([0, 1], [1, 1.11], [2, 1.12]), 5)).toEqual(["2 raised overspeed confirmed high at 2"]);
  });
  test("is a warning after 3 s above 1.05", () => {
    expect(tell(at([0, 1], [1, 1.06], [2, 1.07], [3, 1.06], [4, 1.07]), 6)).toEqual(["4 raised overspeed suspected high at 4"]);
  });
  test("rises from warning to alarm to critical as one alert", () => {
    expect(tell(at([1, 1.06], [2, 1.06], [3, 1.07], [4, 1.08], [5, 1.12], [6, 1.13], [7, 1.2], [8, 1.2]), 9)).toEqual([
      "4 raised overspeed suspected high at 4",
      "6 confirmed overspeed confirmed high at 4",
      "8 updated overspeed confirmed critical at 4",
    ]);
  });
  test("is not raised by one noisy sample", () => {
    expect(tell(at([0, 1], [1, 1.6], [2, 1]), 30)).toEqual([]);
  });
  test("does not add up samples that are far apart", () => {
    expect(tell(at([0, 1.2], [60, 1.2], [120, 1.2]), 125)).toEqual([]);
  });
  test("is judged downwards as well as upwards", () => {
    expect(tell(at([0, -1], [1, -1.2], [2, -1.2]), 5)).toEqual(["2 raised overspeed confirmed critical at 2"]);
  });
  test("ends 2 s after the speed came back", () => {
    expect(tell(at([1, 1.2], [2, 1.2], [3, 0.5]), 10).at(-1)).toBe("5 cleared overspeed confirmed critical at 2 until 3");
  });
  test("cannot be judged where the rated speed is unknown", () => {
    expect(tell(at([1, 2], [2, 2]), 10, { liftId: "L1" })).toEqual([]);
  });
});

describe("stopped-outside-door-zone", () => {
  const EMPTY = "0 status persons=0\n 0 door state=closed\n 0 speed speedMps=0 doorZone=false";
  test("is raised after 60 s for an empty car", () => {
    expect(tell(EMPTY, 70)).toEqual(["60 raised stopped-outside-door-zone confirmed high at 60"]);
  });
  test("ends 3 s after the car moved on", () => {
    expect(tell(`${EMPTY}\n 80 speed speedMps=0.5 doorZone=false`, 90).at(-1)).toBe(
      "83 cleared stopped-outside-door-zone confirmed high at 60 until 80",
    );
  });
  test("gives way to entrapment when somebody turns out to be inside", () => {
    expect(tell(`${EMPTY}\n 65 status persons=1`, 100)).toEqual([
      "60 raised stopped-outside-door-zone confirmed high at 60",
      "68 cleared stopped-outside-door-zone confirmed high at 60 until 65",
      "95 raised entrapment suspected critical at 95",
    ]);
  });
});

describe("door-held-open", () => {
  test("is raised after more than 120 s in normal mode, and ends when the door closes", () => {
    expect(tell("0 status mode=normal\n 0 door state=open\n 55 status\n 110 status\n 150 door state=closed", 160)).toEqual([
      "121 raised door-held-open confirmed low at 120",
      "150 cleared door-held-open confirmed low at 120 until 150",
    ]);
  });
  test("is not raised in firefighter mode", () => {
    expect(tell("0 status mode=firefighter\n 0 door state=open", 170)).toEqual([]);
  });
  test("does not count the time in which the lift itself was silent", () => {
    const script =
      "0 door state=closed\n 700 door state=opening at=0\n 700 status mode=normal at=600\n 700 door state=open at=600\n 710 door state=closed at=610";
    expect(tell(script, 715).filter((line) => line.includes("door"))).toEqual([]);
  });
  test("does not count time on the word of a lift that has fallen silent since: 90 s are one and a half keep-alives", () => {
    expect(tell("0 status mode=normal\n 0 door state=open", 170)).toEqual([]);
  });
  test("works with a binary door that is never reported as opening", () => {
    expect(tell("0 door state=open\n 60 status\n 115 status", 125)).toEqual(["121 raised door-held-open confirmed low at 120"]);
  });
});

describe("reported-fault", () => {
  test("follows the controller's code from its begin to its end", () => {
    expect(tell("0 fault code=08\n 60 fault code=08 active=false", 70)).toEqual([
      "0 raised reported-fault confirmed high at 0",
      "60 cleared reported-fault confirmed high at 0 until 60",
    ]);
  });
  test("rises with a graver code and counts it", () => {
    expect(tell("0 fault code=02\n 20 fault code=08", 30)).toEqual([
      "0 raised reported-fault confirmed medium at 0",
      "20 updated reported-fault confirmed high at 0 2 times",
    ]);
  });
  test("ends with code 00, no fault", () => {
    expect(tell("0 fault code=02\n 5 fault code=03\n 20 fault code=00", 30).at(-1)).toMatch(/^20 cleared/);
  });
  test("is not raised by a code that names a hazard: that hazard's own alert is", () => {
    expect(tell("0 fault code=05\n 20 fault code=05 active=false", 30)).toEqual([
      "0 raised unintended-movement confirmed critical at 0",
      "20 cleared unintended-movement confirmed critical at 0 until 20",
    ]);
  });
  test("is raised where nobody judges the hazard that the code names: an escalator's code from a lift", () => {
    expect(tell("0 fault code=62", 5)).toEqual(["0 raised reported-fault confirmed critical at 0"]);
  });
  test("is not raised by events such as inspection mode", () => {
    expect(tell("0 fault code=43\n 10 fault code=40", 20)).toEqual([]);
  });
});

describe("the controller's own code and the signals", () => {
  test("make one alert: a suspected entrapment that the code confirms", () => {
    expect(tell(`${TRAPPED}\n 50 fault code=11 dialect=city-sql\n 95 fault code=11 dialect=city-sql active=false`, 100)).toEqual([
      "40 raised entrapment suspected critical at 40",
      "50 confirmed entrapment confirmed critical at 40",
    ]);
  });
  test("make one alert when the code comes first, and it lasts until both have ended", () => {
    const freed = "\n 120 speed speedMps=0 doorZone=true\n 121 door state=open\n 130 fault code=11 dialect=city-sql active=false";
    expect(tell(`${TRAPPED}\n 15 fault code=11 dialect=city-sql${freed}`, 140)).toEqual([
      "15 raised entrapment confirmed critical at 15",
      "40 updated entrapment confirmed critical at 15",
      "130 cleared entrapment confirmed critical at 15 until 130",
    ]);
  });
  test("make an entrapment at level of a code that says only entrapment, where the car stands at its landing", () => {
    const script = "0 status persons=1\n 0 door state=closed\n 0 speed speedMps=0 doorZone=true\n 5 fault code=1 dialect=inspur";
    expect(tell(script, 70)).toEqual([
      "5 raised entrapment-at-level confirmed critical at 5",
      "60 updated entrapment-at-level confirmed critical at 5",
    ]);
  });
});

describe("silent", () => {
  test("is stale after three keep-alives and offline after six minutes, and ends with the next word", () => {
    expect(tell("0 online online=true keepAliveS=60\n 400 status persons=0", 410)).toEqual([
      "181 raised silent suspected medium at 180",
      "361 confirmed silent confirmed medium at 180",
      "400 cleared silent confirmed medium at 180 until 400",
    ]);
  });
  test("follows the keep-alive that the lift announced", () => {
    expect(tell("0 online online=true keepAliveS=20", 70)).toEqual(["61 raised silent suspected medium at 60"]);
  });
  test("is not raised for a lift that was never heard", () => {
    expect(tell("", 1_000)).toEqual([]);
  });
  test("is not ended by the lift's own will", () => {
    expect(tell("0 online online=true\n 200 online online=false boot=b1-will seq=0", 210)).toEqual([
      "181 raised silent suspected medium at 180",
    ]);
  });
});
