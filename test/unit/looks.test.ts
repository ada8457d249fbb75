/** `replay --judging`: what each lift's page says that cannot be judged, and from when on. */
import { expect, test } from "vitest";
import { Looks, type Look } from "../../src/recording/looks.ts";
import { entries, messages, newMonitor, START } from "../golden/timeline.ts";

const MINUTE_S = 60;
const CYCLES = Array.from({ length: 4 }, (_, index) => `${100 + 30 * index} door state=open\n ${110 + 30 * index} door state=closed`);
const BINARY = `0 status persons=0 loadKg=0 tripCount=1 floor=1
  1 speed speedMps=0 floor=1 positionM=0 doorZone=true levelOffsetMm=0
  2 door state=closed
  ${CYCLES.join("\n")}`;

function looks(script: string, untilS: number): Look[] {
  const monitor = newMonitor({ liftId: "L1", kind: "passenger", ratedSpeedMps: 1, floors: 6, travelM: 15, inService: true });
  const each = new Looks();
  let text = "";
  for (const entry of entries(messages(script), untilS)) {
    text += each.take(monitor, entry.receivedAt);
    monitor.apply(entry);
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Look);
}

test("says each ten minutes what has changed, of what the lift had shown until then, and is silent while nothing has", () => {
  expect(START % (10 * MINUTE_S * 1_000)).toBe(0);
  expect(looks(BINARY, 35 * MINUTE_S)).toEqual([
    { at: START + 600_000, liftId: "L1", cannotJudge: [{ hazard: "door-cycling", missing: ["opening", "closing"] }] },
  ]);
});

test("takes it back once the lift has shown what it lacked", () => {
  const moved = `${BINARY}\n 700 door state=opening\n 702 door state=open`;
  expect(looks(moved, 35 * MINUTE_S).map(({ at, cannotJudge }) => [at - START, cannotJudge.length])).toEqual([
    [600_000, 1],
    [1_200_000, 0],
  ]);
});

test("says nothing of a lift that was never heard, nor of one that lacks nothing", () => {
  expect(looks("", 20 * MINUTE_S)).toEqual([]);
  expect(looks(BINARY.replaceAll(/^.*door state=open$/gm, ""), 20 * MINUTE_S)).toEqual([]);
});
